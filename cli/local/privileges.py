"""The identity that Postgres runs under: it refuses root."""

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from cli.local.errors import CannotRunAsRoot
from cli.local.server import RunAs

_NOBODY = 65534

_UNSHARE = ("unshare", "--user", "--map-user=1000")
# In a user namespace root appears as uid 1000, and everything that it makes still belongs to root outside.


def identity_for(program: Path, data: Path, cluster: Path) -> RunAs:
    """Choose an identity that may run the program and enter the data folder; raises CannotRunAsRoot when none does.

    Root runs it in a user namespace where the kernel allows one, else as `nobody`, for whom the data folder is opened to
    passing through (not to reading). A cluster keeps the owner that it was made by.
    """
    if sys.platform == "win32" or os.geteuid() != 0:
        return RunAs()
    owned_by_nobody = cluster.exists() and cluster.stat().st_uid == _NOBODY
    if not owned_by_nobody and shutil.which(_UNSHARE[0]) and _works((*_UNSHARE, str(program), "--version")):
        return RunAs(prefix=_UNSHARE)
    data.chmod(data.stat().st_mode | 0o011)
    nobody = RunAs(user=_NOBODY, group=_NOBODY)
    if _works((str(program), "--version"), nobody) and _works(("ls", "-d", f"{data}/."), nobody):
        return nobody
    raise CannotRunAsRoot(
        "Postgres does not run as root, user namespaces are off here, and the user nobody cannot reach "
        f"{program} and {data}; run Spillway as an ordinary user, or move both out of private folders."
    )


def run(command: Sequence[str], identity: RunAs, **options: str) -> subprocess.CompletedProcess[bytes]:
    """Run a short program under an identity and return what it printed; its exit code is the caller's to judge."""
    return subprocess.run(
        [*identity.prefix, *command],
        user=identity.user,
        group=identity.group,
        extra_groups=None if identity.user is None else [],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        env={**os.environ, **options},
        check=False,
    )


def give(folder: Path, identity: RunAs) -> None:
    """Make a folder and all in it belong to an identity that is another user; for others nothing needs doing."""
    if sys.platform == "win32" or identity.user is None or folder.stat().st_uid == identity.user:
        return
    for path in (*folder.rglob("*"), folder):  # the folder last: it tells that all was given
        os.chown(path, identity.user, identity.group or identity.user, follow_symlinks=False)


def _works(command: Sequence[str], identity: RunAs = RunAs()) -> bool:  # noqa: B008 - frozen
    try:
        return run(command, identity).returncode == 0
    except OSError:
        return False
