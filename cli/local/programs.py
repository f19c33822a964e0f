"""Programs that wheels put beside the interpreter."""

import shutil
import sysconfig
from pathlib import Path

from cli.local.errors import MissingProgram


def in_wheel(name: str) -> Path:
    """Find a program in this environment's scripts folder; raises MissingProgram."""
    found = shutil.which(name, path=sysconfig.get_path("scripts"))
    if found is None:
        raise MissingProgram(f"The program {name} is not installed; run ./spillway, which installs it from its wheel.")
    return Path(found)
