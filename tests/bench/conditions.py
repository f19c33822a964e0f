"""What the figures of a benchmark depend on."""

import importlib.metadata
import os
import platform as machine


def conditions(packages: tuple[str, ...]) -> dict[str, str | int]:
    """What the figures depend on: cores, Python, and the versions of these packages."""
    versions = {name: importlib.metadata.version(name) for name in packages}
    return {"cores": os.cpu_count() or 1, "system": machine.system(), "Python": machine.python_version(), **versions}
