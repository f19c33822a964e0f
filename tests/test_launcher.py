"""The launcher, run on a copy of the project with one tiny package to install."""

import base64
import hashlib
import json
import os
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[1]

CLI = """
import json, os, sys
import tiny
print(json.dumps({"arguments": sys.argv[1:], "folder": os.getcwd(), "prefix": sys.prefix, "tiny": tiny.VERSION}))
sys.exit(7 if "--fail" in sys.argv else 0)
"""

pytestmark = pytest.mark.timeout(180)  # environments are made for real, several at once on a busy machine


@dataclass(frozen=True)
class Project:
    """A copy of what the launcher needs, and packages that it can install without a network."""

    root: Path
    environment: Mapping[str, str]

    def lock(self, name: str, version: str) -> None:
        wheel = next(self.wheels.glob(f"tiny-{version}-*"))
        digest = hashlib.sha256(wheel.read_bytes()).hexdigest()
        (self.root / "requirements" / f"{name}.txt").write_text(f"tiny=={version} \\\n    --hash=sha256:{digest}\n")

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        elsewhere = self.root.parent / "elsewhere"
        return subprocess.Popen(
            [sys.executable, self.root / "spillway", *arguments],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            cwd=elsewhere,
            env=self.environment,
        )

    def run(self, *arguments: str) -> tuple[Any, str]:
        process = self.start(*arguments)
        output, progress = process.communicate()
        assert process.returncode == (7 if "--fail" in arguments else 0), progress
        return json.loads(output), progress

    @property
    def wheels(self) -> Path:
        return self.root.parent / "wheels"

    @property
    def venv(self) -> Path:
        return self.root / ".venv"


def _make_wheel(folder: Path, version: str) -> None:
    info = f"tiny-{version}.dist-info"
    files = {
        "tiny.py": f'VERSION = "{version}"\n' * int(float(version)),  # of different size, as compiled files go by it
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: tiny\nVersion: {version}\n",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nGenerator: tests\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    record = [f"{name},sha256={_record_hash(text)},{len(text)}" for name, text in files.items()]
    with zipfile.ZipFile(folder / f"tiny-{version}-py3-none-any.whl", "w") as wheel:
        for name, text in files.items():
            wheel.writestr(name, text)
        wheel.writestr(f"{info}/RECORD", "\n".join([*record, f"{info}/RECORD,,"]) + "\n")


def _record_hash(text: str) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).rstrip(b"=").decode()


def _make_project(folder: Path, **environment: str) -> Project:
    root = folder / "project"
    for inner in ("requirements", "shared", "cli", "../wheels", "../elsewhere/cli"):
        (root / inner).mkdir(parents=True)
    for name in ("spillway", "shared/platform.py", "requirements/bootstrap.txt"):
        shutil.copy(ROOT / name, root / name)
    (root / "cli" / "__main__.py").write_text(CLI)
    (folder / "elsewhere" / "cli" / "__main__.py").write_text("raise SystemExit('the wrong cli')")
    for version in ("1.0", "2.0"):
        _make_wheel(folder / "wheels", version)
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    links = f"{inherited.get('PIP_FIND_LINKS', '')} {folder / 'wheels'}".strip()
    found = {"PIP_FIND_LINKS": links, "UV_FIND_LINKS": str(folder / "wheels"), **environment}
    project = Project(root, {**inherited, **found})
    project.lock("local", "1.0")
    project.lock("dev", "1.0")
    return project


@pytest.fixture(scope="module")
def two_first_runs(tmp_path_factory: pytest.TempPathFactory) -> tuple[Project, list[str]]:
    """A project set up by two runs that began at once, and what each of them printed to stderr."""
    project = _make_project(tmp_path_factory.mktemp("launcher"))
    processes = [project.start("doctor"), project.start("doctor")]
    progress = [process.communicate()[1] for process in processes]
    assert [process.returncode for process in processes] == [0, 0], progress
    return project, progress


@pytest.fixture(scope="module")
def project(two_first_runs: tuple[Project, list[str]]) -> Project:
    return two_first_runs[0]


@pytest.fixture(scope="module")
def without_uv(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A project that finds neither uv nor an index, but its wheels; an earlier set-up of it was interrupted."""
    project = _make_project(tmp_path_factory.mktemp("without-uv"), PIP_NO_INDEX="1")
    (project.venv / "lib").mkdir(parents=True)
    (project.venv / "lib" / "half-installed").touch()
    return project


def test_two_first_runs_at_once_install_once(two_first_runs: tuple[Project, list[str]]) -> None:
    _, progress = two_first_runs
    assert sorted("making .venv" in text for text in progress) == [False, True]
    assert sorted("waiting for it" in text for text in progress) == [False, True]


def test_a_later_run_installs_nothing_and_passes_everything_through(project: Project) -> None:
    said, progress = project.run("ingest", "some folder", "--fail")
    assert progress == ""
    assert said["arguments"] == ["ingest", "some folder", "--fail"]
    assert Path(said["folder"]) == project.root.parent / "elsewhere"
    assert Path(said["prefix"]) == project.venv


def test_a_changed_lock_is_installed_and_the_developers_tools_are_kept(project: Project) -> None:
    project.lock("dev", "2.0")
    said, progress = project.run("test")
    assert said["tiny"] == "2.0"
    assert "requirements/dev.txt" in progress
    assert "making .venv" not in progress
    said, progress = project.run("up")
    assert (said["tiny"], progress) == ("2.0", "")


def test_a_missing_lock_is_named(project: Project) -> None:
    (project.root / "requirements" / "dev.txt").unlink()
    process = project.start("up")
    _, progress = process.communicate()
    assert process.returncode == 1
    assert "requirements/dev.txt is missing" in progress


def test_benchmarks_have_a_lock_of_their_own_that_serves_all_others(project: Project) -> None:
    project.lock("bench", "1.0")
    said, progress = project.run("bench", "events")
    assert said["tiny"] == "1.0"
    assert "requirements/bench.txt" in progress
    said, progress = project.run("test")
    assert (said["tiny"], progress) == ("1.0", "")


def test_without_uv_pip_installs_the_same_and_nothing_half_done_is_kept(without_uv: Project) -> None:
    said, progress = without_uv.run("up")
    assert said["tiny"] == "1.0"
    assert "with pip" in progress
    assert not list(without_uv.venv.rglob("half-installed"))


@pytest.mark.skipif(sys.platform == "win32", reason="the interpreter of .venv is a link on POSIX only")
def test_an_interpreter_that_has_gone_is_noticed(without_uv: Project) -> None:
    without_uv.run("up")
    (without_uv.venv / "bin" / "python").unlink()
    (without_uv.venv / "bin" / "python").symlink_to("/nonexistent/python3.11")
    said, progress = without_uv.run("up")
    assert said["tiny"] == "1.0"
    assert "making .venv" in progress


def test_a_wrong_hash_is_refused_in_a_sentence(without_uv: Project) -> None:
    (without_uv.root / "requirements" / "local.txt").write_text(f"tiny==2.0 --hash=sha256:{'0' * 64}\n")
    process = without_uv.start("up")
    output, progress = process.communicate()
    assert (process.returncode, output) == (1, "")
    assert progress.splitlines()[-1].startswith("spillway: the packages could not be installed")
