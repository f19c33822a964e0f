"""`./spillway bench proxy`: a video's renditions by the service, beside the same command by hand and one run for each.

And the cuts that it finds, beside those of PySceneDetect, on a clip whose cuts are known. The sides are held to their bars by
processor time, that of ffmpeg included: the wall clock says more about what else the machine does.
"""

import argparse
import json
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from shared.observability import configure
from tests.bench.conditions import conditions
from tests.bench.proxy_clips import SECONDS, Cut, cut_list, detailed
from tests.bench.proxy_sides import Sides, likeness, timed
from tests.bench.report import Comparison, Limit, Report, Section, as_document, as_text, compare, figures_of
from tests.bench.rounds import Figures, Measured, Side, figure, interleave, ratio, spread
from tests.bench.shot_scores import f1, scenedetect

SERVICE, HAND, SEPARATE, ALONE = "Spillway", "the same command by hand", "one run for each", "proxy alone"
BESIDE_HAND, FIXED = 1.03, 150.0
"""Most that the service may take in the time of the command, or so many milliseconds more, whichever is more."""
BESIDE_SEPARATE = 1.5
"""Least that one run for each takes in the time of the single run."""
SHOTS, CONTENT, ADAPTIVE = "Spillway, beyond the proxy", "PySceneDetect, content", "PySceneDetect, adaptive"
SPEED = 5.0
"""Least that PySceneDetect takes in the time that finding cuts adds to the run."""
SAME = 0.9999
"""Structural similarity from which on two proxies are the same."""
PACKAGES = ("imageio-ffmpeg", "av", "scenedetect")


@dataclass(frozen=True)
class Size:
    """How much is measured."""

    rounds: int = 5


def run(size: Size, report: Callable[[str], None]) -> Report:
    """Measure; `report` receives a line after each measurement."""
    with tempfile.TemporaryDirectory(prefix="spillway-bench-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        report("making clips, if they are not there yet")
        clip, cut = detailed(), cut_list()
        sections = [made(Sides.of(clip, SECONDS, folder), size, report), shots(cut, folder, size, report)]
    return Report("proxy", {**vars(size), **conditions(PACKAGES)}, sections)


def made(sides: Sides, size: Size, report: Callable[[str], None]) -> Section:
    """Everything that is made of a video."""
    sides.service()  # loads what a service that runs has loaded long since
    works = {SERVICE: sides.service, HAND: sides.by_hand, SEPARATE: sides.separately, ALONE: sides.proxy_alone}
    measured = interleave([_side(name, work) for name, work in works.items()], size.rounds, report)
    alike = likeness(sides.folder / "service" / "720p15.mp4", sides.folder / "by hand" / "720p15.mp4")
    comparisons = [
        beside_hand(measured),
        compare(measured, "cpu", SEPARATE, HAND, BESIDE_SEPARATE, Limit.AT_LEAST),
        compare(measured, "cpu", HAND, ALONE, None, Limit.AT_MOST),
        *(on_the_wall(measured, *pair) for pair in ((SERVICE, HAND), (SEPARATE, HAND), (HAND, ALONE))),
        Comparison("likeness of the two proxies (SSIM)", spread([alike]), SAME),
    ]
    title = f"{SECONDS} s of 1080p30 H.264 with sound"
    return Section(title, "processor seconds", figures_of(measured, "cpu", tuple(works)), comparisons)


def beside_hand(measured: Measured) -> Comparison:
    """The service beside the command; a bar in milliseconds where that allows more than the one in shares."""
    pairs = zip(measured[SERVICE], measured[HAND], strict=True)
    beyond = spread([1000 * (ours["cpu"] - alone["cpu"]) for ours, alone in pairs])
    if figure(measured, HAND, "cpu").median * (BESIDE_HAND - 1) * 1000 < FIXED:
        return Comparison(f"milliseconds beyond {HAND}", beyond, FIXED, Limit.AT_MOST)
    return compare(measured, "cpu", SERVICE, HAND, BESIDE_HAND, Limit.AT_MOST)


def on_the_wall(measured: Measured, side: str, other: str) -> Comparison:
    """Two sides by the wall clock."""
    return Comparison(f"{side} / {other}, wall clock", ratio(measured, side, other, "seconds"))


def shots(cut: Cut, folder: Path, size: Size, report: Callable[[str], None]) -> Section:
    """How well cuts are found, and what that costs."""
    sides = Sides.of(cut.path, 0.0, folder)
    scores = {SHOTS: f1(sides.service().cuts or (), cut.cuts)}

    def ours(number: int) -> Figures:
        return {"cpu": max(timed(sides.by_hand)["cpu"] - timed(sides.proxy_alone)["cpu"], 0.001)}

    def theirs(name: str, detector: str) -> Side:
        def measure(number: int) -> Figures:
            found, cpu = scenedetect(detector, cut.path)
            scores[name] = f1(found, cut.cuts)
            return {"cpu": cpu}

        return Side(name, measure)

    peers = [theirs(CONTENT, "content"), theirs(ADAPTIVE, "adaptive")]
    measured = interleave([Side(SHOTS, ours), *peers], size.rounds, report)
    best = max(scores[CONTENT], scores[ADAPTIVE])
    comparisons = [
        *(compare(measured, "cpu", peer.name, SHOTS, SPEED, Limit.AT_LEAST) for peer in peers),
        *(Comparison(f"F1 of {name}", spread([score])) for name, score in scores.items()),
        Comparison("F1 / the best F1 of PySceneDetect", spread([scores[SHOTS] / best]), 1.0),
    ]
    title = f"{len(cut.cuts)} known cuts"
    return Section(title, "processor seconds", figures_of(measured, "cpu", (SHOTS, CONTENT, ADAPTIVE)), comparisons)


def _side(name: str, work: Callable[[], object]) -> Side:
    def measure(number: int) -> Figures:
        return timed(work)

    return Side(name, measure)


def main(argv: Sequence[str]) -> int:
    """Run from the command line; 0 when every bar is met."""
    parser = argparse.ArgumentParser(prog="spillway bench proxy", description=__doc__)
    parser.add_argument("--json", action="store_true", help="print one JSON document")
    parser.add_argument("--rounds", type=int, default=Size.rounds, help=f"default {Size.rounds}")
    options = parser.parse_args(argv)
    configure("bench", level="WARNING", style="console")
    report = run(Size(options.rounds), lambda line: print(line, file=sys.stderr, flush=True))
    print(json.dumps(as_document(report), indent=2) if options.json else as_text(report))
    return 0 if report.met else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
