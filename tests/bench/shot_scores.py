"""How well cuts were found: PySceneDetect's detectors in a process of their own, and the score of any list of cuts."""

import json
import subprocess
import sys
import time
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path

from cli.local.settings import PROJECT_ROOT

NEAR = 0.1
"""Seconds by which a found cut may miss the real one: one and a half frames of the proxy."""


def f1(found: Sequence[float], real: Sequence[float]) -> float:
    """Harmonic mean of how many of the found cuts are real, and how many of the real ones were found; 0 to 1."""
    missed, hits = list(real), 0
    for cut in found:
        nearest = min(missed, key=lambda other: abs(other - cut), default=None)
        if nearest is not None and abs(nearest - cut) <= NEAR:
            missed.remove(nearest)
            hits += 1
    return 2 * hits / (len(found) + len(real)) if hits else 0.0


def scenedetect(detector: str, clip: Path) -> tuple[list[float], float]:
    """The cuts that one of PySceneDetect's detectors finds, and the processor seconds that it took."""
    command = [sys.executable, "-m", "tests.bench.shot_scores", detector, str(clip)]
    ran = subprocess.run(command, cwd=PROJECT_ROOT, stdout=subprocess.PIPE, check=True)
    told = json.loads(ran.stdout)
    return told["cuts"], told["cpu"]


def main(detector: str, clip: str) -> None:
    """Print what one detector finds in a clip."""
    peer = import_module("scenedetect")  # loads OpenCV, which the benchmark itself does not need
    detectors = {"content": peer.ContentDetector, "adaptive": peer.AdaptiveDetector}
    began = time.process_time()
    scenes = peer.detect(clip, detectors[detector]())
    json.dump({"cpu": time.process_time() - began, "cuts": [start.seconds for start, _ in scenes[1:]]}, sys.stdout)


if __name__ == "__main__":
    main(*sys.argv[1:])
