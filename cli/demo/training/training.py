"""The training loop. The schedule follows the clock: a faster machine makes more steps."""

import math
import multiprocessing
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from multiprocessing.queues import Queue
from multiprocessing.sharedctypes import Synchronized
from multiprocessing.synchronize import Event
from pathlib import Path
from typing import Any

import numpy as np
import torch

from cli.demo.training.aiming import aim_time_heads, split_timestamps
from cli.demo.training.bank import Bank
from cli.demo.training.composition import Batch, Composer
from cli.demo.training.losses import Losses, Weights, losses
from cli.demo.training.network import Network, Shape, make_network
from cli.demo.training.recipes import LAST_STAGE, MIXES, PLANS
from cli.demo.training.tokens import Tokens, build_tokenizer, load_tokenizer

THREADS = 2
LOG_EVERY, SAVE_EVERY = 25, 100
"""Steps."""
SETTLING = 0.9
"""The fraction of the time after which the helping losses fade."""


@dataclass(frozen=True)
class Run:
    """One training run, as its command line says it."""

    work: Path
    name: str
    seed: int
    minutes: float
    stop: float
    """Minutes after which to end in the middle of the schedule; 0 for never."""
    lr: float
    warmup: int
    """Steps; 0 for 200, or 40 when starting from another run."""
    stages: tuple[float, ...]
    """Fractions of the time at which stages 0 and 1 end."""
    init: Path | None
    plain: bool
    """Start from the weights themselves rather than from their running mean."""
    freeze_encoder: bool
    aim: bool
    mix: str
    banks: tuple[str, ...]

    @property
    def bank_paths(self) -> list[Path]:
        return [self.work / bank for bank in self.banks]

    def stage(self, progress: float) -> int:
        first, second = self.stages
        return 0 if progress < first else 1 if progress < second else LAST_STAGE

    def rate(self, step: int, progress: float) -> float:
        """Learning rate: a linear warm-up, then a cosine from a tenth of the time on."""
        warmup = self.warmup or (40 if self.init else 200)
        cosine = 0.5 * (1 + math.cos(math.pi * max(0, progress - 0.1) / 0.9))
        return self.lr * min(1, (step + 1) / warmup) * (0.03 + 0.97 * cosine)

    def weights(self, progress: float) -> Weights:
        late = progress > SETTLING
        frames = 0.0 if self.freeze_encoder else 0.1 if late else 0.5
        return Weights(frames, 0.1 if late else 0.3)


def train(run: Run) -> None:
    """Trains and saves the weights, and their running mean, as `run.work / run.name`."""
    torch.manual_seed(run.seed)
    torch.set_num_threads(THREADS)
    folder = run.work / "tok"
    tokens = Tokens(build_tokenizer(folder))
    mix = MIXES[run.mix]
    shape = Shape(tokens.size, read_guide=mix.read_guide, time_map=mix.time_map)
    network = _start(run, shape, tokens)
    print("parameters", sum(p.numel() for p in network.parameters()), asdict(shape), flush=True)
    with _batches(run, folder / "tokenizer.json") as (queue, stage):
        steps, seconds = _Loop(run, network, shape).go(queue, stage)
    print(f"done: {steps} steps, {seconds:.0f} s")


def _start(run: Run, shape: Shape, tokens: Tokens) -> Network:
    """The network to be trained: fresh, or going on from another run."""
    network = make_network(shape)
    if run.init:
        checkpoint = torch.load(run.init)
        mean = not run.plain and "ema" in checkpoint
        network.load_state_dict(checkpoint["ema" if mean else "model"], strict=False)
        split_timestamps(network, checkpoint)
    if run.aim:
        composer = Composer(Bank(run.bank_paths[-1:]), tokens, run.seed + 70, MIXES[run.mix])
        aim_time_heads(network, [batch for _ in range(8) for batch in composer.batches(PLANS[4])])
    if run.freeze_encoder:
        network.model.encoder.requires_grad_(False)
        network.frame_head.requires_grad_(False)
    return network


@contextmanager
def _batches(run: Run, tokenizer: Path) -> Iterator[tuple["Queue[Batch]", "Synchronized[int]"]]:
    """A process that composes batches of the stage that is set."""
    stage, stop = multiprocessing.Value("i", 0), multiprocessing.Event()
    queue: Queue[Batch] = multiprocessing.Queue(maxsize=4)
    arguments = (queue, tokenizer, run.bank_paths, run.seed + 7, run.mix, stage, stop)
    process = multiprocessing.Process(target=produce, daemon=True, args=arguments)
    process.start()
    try:
        yield queue, stage
    finally:
        stop.set()
        process.kill()


def produce(
    queue: "Queue[Batch]",
    tokenizer: Path,
    banks: Sequence[Path],
    seed: int,
    mix: str,
    stage: "Synchronized[int]",
    stop: Event,
) -> None:
    """Fills the queue until it is told to stop."""
    composer = Composer(Bank(banks), Tokens(load_tokenizer(tokenizer)), seed, MIXES[mix])
    while not stop.is_set():
        current = stage.value
        plan = _last_plan(composer, mix) if current == LAST_STAGE else current
        for batch in composer.batches(PLANS[plan]):
            queue.put(batch)


def _last_plan(composer: Composer, mix: str) -> int:
    """A plan of the last stage, which is mostly full windows (a plan of crops yields four batches a draw)."""
    chance = composer.rng.random()
    for plan, share in MIXES[mix].last_stage:
        if chance < share:
            return plan
        chance -= share
    return LAST_STAGE


class _Loop:
    def __init__(self, run: Run, network: Network, shape: Shape) -> None:
        self._run, self._network, self._shape = run, network, shape
        self._trained = [parameter for parameter in network.parameters() if parameter.requires_grad]
        self._optimiser = torch.optim.AdamW(self._trained, lr=run.lr, betas=(0.9, 0.98), weight_decay=0.01)
        self._weights = {name: value for name, value in network.state_dict().items() if value.is_floating_point()}
        self._mean = {name: value.clone() for name, value in self._weights.items()}
        self._log: list[tuple[float, ...]] = []
        self._began = time.time()

    def go(self, queue: "Queue[Batch]", stage: "Synchronized[int]") -> tuple[int, float]:
        """Trains until the time is up; steps made and seconds taken."""
        run, step = self._run, 0
        while True:
            elapsed = time.time() - self._began
            progress = elapsed / (run.minutes * 60)
            if progress >= 1 or (run.stop and elapsed > run.stop * 60):
                break
            stage.value = run.stage(progress)
            rate = run.rate(step, progress)
            batch = queue.get()
            self._step(batch, rate, run.weights(progress), step + 1)
            step += 1
            if step % LOG_EVERY == 0:
                self._report(step, stage.value, rate, batch, queue.qsize())
            if step % SAVE_EVERY == 0:
                self._save()
        self._save()
        return step, time.time() - self._began

    def _step(self, batch: Batch, rate: float, weights: Weights, number: int) -> None:
        for group in self._optimiser.param_groups:
            group["lr"] = rate
        result = losses(self._network, batch, weights)
        self._optimiser.zero_grad()
        result.total.backward()
        torch.nn.utils.clip_grad_norm_(self._trained, 1.0)
        self._optimiser.step()
        current = [value.detach() for value in self._weights.values()]
        torch._foreach_lerp_(list(self._mean.values()), current, max(0.01, 1 / number))
        self._log.append(_figures(result))

    def _report(self, step: int, stage: int, rate: float, batch: Batch, waiting: int) -> None:
        words, frames, guide, read, accuracy = np.mean(self._log[-LOG_EVERY:], 0)
        elapsed, frames_in = time.time() - self._began, batch.features.shape[2]
        print(
            f"{elapsed:6.0f}s step {step} plan {stage} lr {rate:.1e} ce {words:.3f} frame {frames:.3f} guide {guide:.3f} "
            f"read {read:.3f} acc {accuracy:.3f} win {frames_in} q {waiting}",
            flush=True,
        )

    def _save(self) -> None:
        saved: dict[str, Any] = {"model": self._network.state_dict(), "ema": self._mean, "cfg": asdict(self._shape)}
        torch.save(saved, self._run.work / self._run.name)


def _figures(result: Losses) -> tuple[float, ...]:
    return result.words, result.frames, result.guide, result.read, result.accuracy
