"""Paths as the notifier tells them: which folders they lie in. Nothing here looks at the disk."""

import os
from collections.abc import Iterator, Sequence


def is_within(path: str, folder: str) -> bool:
    """Whether the path is the folder or lies in it."""
    return path == folder or path.startswith(os.path.join(folder, ""))  # noqa: PTH118 - with a separator at its end


def above(path: str, root: str) -> Iterator[str]:
    """The folders around a path, from the innermost to `root`; the root alone for itself and for what is outside."""
    if path == root or not is_within(path, root):
        yield root
        return
    while path != root:
        path = os.path.dirname(path)  # noqa: PTH120 - many thousand in a burst
        yield path


def common(folders: Sequence[str]) -> str:
    """The innermost folder around all of these, which are all under one root."""
    return os.path.commonpath(folders)


def is_networked(path: str, mounts: str) -> bool:
    """Whether a path lies on a drive whose changes elsewhere nobody tells this machine of.

    `mounts` is what Linux has in /proc/mounts; empty on other systems, where only the path itself can say it.
    """
    if path.startswith(("\\\\", "//")):
        return True
    innermost, kind = "", ""
    for line in mounts.splitlines():
        fields = line.split(" ")
        if len(fields) < 3:
            continue
        folder = fields[1].replace("\\040", " ").replace("\\011", "\t").replace("\\134", "\\")
        if is_within(path, folder) and len(folder) >= len(innermost):
            innermost, kind = folder, fields[2]
    return kind in NETWORKED or (kind.startswith("fuse.") and kind not in LOCAL_FUSE)


NETWORKED = frozenset({
    "9p", "afs", "ceph", "cifs", "davfs", "drvfs", "fuse", "gfs2", "lustre", "ncpfs", "nfs", "nfs4", "ocfs2", "prl_fs", "smb3",
    "smbfs", "vboxsf", "virtiofs", "vmhgfs",
})  # fmt: skip
"""File systems that others change too, or that a host shares with its guest."""
LOCAL_FUSE = frozenset({"fuse.ext4", "fuse.ntfs", "fuse.ntfs-3g", "fuse.exfat", "fuse.lvm", "fuse.mergerfs", "fuse.bindfs"})
