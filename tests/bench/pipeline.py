"""`./spillway bench pipeline`: tiny files from drop to searchable, beside the sum of what the stages do.

Files that are next to no work show what bus, database and processes cost; the bodies are the same adapters in one process.
"""

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import psycopg
from rich.console import Console

from cli.credentials import key_in
from cli.demo.command import MODEL
from cli.gateway import Gateway
from cli.local.home import Home
from cli.local.installation import Installation, installed
from cli.local.ports import free_ports
from cli.local.settings import PROJECT_ROOT, LocalSettings
from cli.local.supervisor import service_environment
from shared.contracts import Stage
from tests.bench import tiny_files
from tests.bench.command import carried_out
from tests.bench.conditions import conditions
from tests.bench.report import Comparison, Limit, Report, Section, compare, figures_of
from tests.bench.rounds import Figures, Measured, Side, interleave, spread
from tests.bench.tally import Unequal
from tests.bench.task import MeasurementFailed

WALL = 1.25
"""Most that drop to searchable may take, in the time of the bodies one after another."""
OVERHEAD = 5.0
"""Most milliseconds that a file may cost per stage beyond its body."""

OVERRIDES = {
    "SPILLWAY_WHISPER_MODEL": str(MODEL),
    "SPILLWAY_WHISPER_CHUNK_LENGTH": "15",
    "SPILLWAY_WHISPER_LANGUAGE": "en",
}
PACKAGES = ("faststream", "nats-py", "psycopg", "faster-whisper", "imageio-ffmpeg", "onnxruntime")
WARM_UP = 4
LOOK_EVERY = 0.1
DONE_WITHIN = 600.0

PIPELINE, BODIES = "pipeline", "bodies"

MADE = """
    SELECT (SELECT count(*) FROM files), (SELECT count(*) FROM renditions), (SELECT count(*) FROM transcripts),
           (SELECT count(*) FROM moments)
"""


@dataclass(frozen=True)
class Size:
    """How much is measured."""

    rounds: int = 3
    files: int = 500


@dataclass(frozen=True)
class Bench:
    """A run under way: the services, and the folder with the files of each round."""

    size: Size
    installation: Installation
    gateway: Gateway
    folder: Path

    def files(self, number: int) -> Path:
        """The files of a round, made when they are first asked for; round -1 is the warm-up."""
        folder = self.folder / f"round {number}"
        if not folder.exists():
            tiny_files.make(folder, self.size.files if number >= 0 else WARM_UP, seed=number + 1)
        return folder

    def pipeline(self, number: int) -> Figures:
        """Seconds from the request to import a folder until all of it is searchable."""
        folder = self.files(number)
        before = self.made()
        began = time.perf_counter()
        job_id = self.gateway.import_path(folder)
        while not self.gateway.job(job_id)["finished"]:
            if time.perf_counter() - began > DONE_WITHIN:
                raise Unequal(f"The import is unfinished after {DONE_WITHIN:.0f} seconds: {self.gateway.job(job_id)}")
            time.sleep(LOOK_EVERY)
        seconds = time.perf_counter() - began
        unfinished = [file for file in self.gateway.job_files(job_id) if file["stages"].get(Stage.EMBED) != "done"]
        if unfinished:
            raise Unequal(f"{len(unfinished)} files are not searchable; the first: {unfinished[0]}")
        after = self.made()
        return {"seconds": seconds, **{name: after[name] - before[name] for name in after}}

    def bodies(self, number: int) -> Figures:
        """Seconds of the stages' own work on the same folder, in sum and one by one."""
        task = {"warm_up": str(self.files(-1)), "folder": str(self.files(number))}
        ran = subprocess.run(
            [sys.executable, "-m", "tests.bench.bodies"],
            input=json.dumps(task).encode(),
            capture_output=True,
            cwd=PROJECT_ROOT,
            env=service_environment(self.installation.environment, OVERRIDES),
            check=False,
        )
        if ran.returncode:
            raise MeasurementFailed(f"The bodies could not be measured:\n{ran.stderr.decode(errors='replace')[-2000:]}")
        found: dict[str, dict[str, float]] = json.loads(ran.stdout)
        return {"seconds": sum(found["seconds"].values()), **found["seconds"], **found["made"]}

    def made(self) -> dict[str, float]:
        """How many files, renditions, transcripts and moments the library holds."""
        with psycopg.connect(self.installation.environment["SPILLWAY_DATABASE_URL"]) as connection:
            row = connection.execute(MADE).fetchone()
        assert row is not None
        return dict(zip(("files", "renditions", "transcripts", "moments"), map(float, row), strict=True))


def run(size: Size, report: Callable[[str], None]) -> Report:
    """Measure on an installation of its own; `report` receives a line after each measurement."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="spillway-bench-", ignore_cleanup_errors=True)))
        log = stack.enter_context((folder / "services.log").open("w"))
        settings = LocalSettings(data=folder / "data", port=free_ports(1)[0])
        installation = stack.enter_context(installed(settings, Console(file=log), overrides=OVERRIDES))
        gateway = stack.enter_context(Gateway(installation.address, key_in(Home(settings.data).credentials)))
        bench = Bench(size, installation, gateway, folder)
        bench.pipeline(-1)
        measured = interleave([Side(PIPELINE, bench.pipeline), Side(BODIES, bench.bodies)], size.rounds, report)
    require_equal(measured)
    return Report("pipeline", {**vars(size), **conditions(PACKAGES)}, [section(measured, size.files)])


def require_equal(measured: Measured) -> None:
    """Raise Unequal unless both sides made the same things of the same files in every round."""
    for ours, alone in zip(measured[PIPELINE], measured[BODIES], strict=True):
        for name in ("files", "renditions", "transcripts", "moments"):
            if ours[name] != alone[name]:
                raise Unequal(f"The pipeline made {ours[name]:.0f} {name}, the bodies alone {alone[name]:.0f}.")


def section(measured: Measured, files: int) -> Section:
    """Both walls, the bodies by stage, and what lies between."""
    pairs = zip(measured[PIPELINE], measured[BODIES], strict=True)
    overhead = [1000 * (ours["seconds"] - alone["seconds"]) / files / len(Stage) for ours, alone in pairs]
    figures = figures_of(measured, "seconds", (PIPELINE, BODIES))
    stages = {f"{BODIES}, {stage}": spread([alone[stage] for alone in measured[BODIES]]) for stage in Stage}
    comparisons = [
        compare(measured, "seconds", PIPELINE, BODIES, WALL, Limit.AT_MOST),
        Comparison("ms per file and stage beyond the body", spread(overhead), OVERHEAD, Limit.AT_MOST),
    ]
    return Section("Drop to searchable", "seconds", {**figures, **stages}, comparisons)


def main(argv: Sequence[str]) -> int:
    """Run from the command line; 0 when every bar is met."""
    return carried_out("pipeline", __doc__, Size, run, argv)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
