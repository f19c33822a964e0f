"""Makes the demo's speech model: `python -m cli.demo.training {synth,train,export,words,evaluate}`.

See README.md for what it needs and reproduce.sh for the runs that made the model.
"""

import argparse
import os
import sys
from collections.abc import Callable
from pathlib import Path

TRAINING_ENVIRONMENT = {
    "OPENBLAS_NUM_THREADS": "1",
    "OMP_WAIT_POLICY": "PASSIVE",
    "MALLOC_MMAP_THRESHOLD_": "4000000000",
    "MALLOC_TRIM_THRESHOLD_": "8000000000",
    "MALLOC_TOP_PAD_": "268435456",
}
"""On few cores numpy's and OpenMP's waiting threads starve the trainer, and glibc gives big tensors back to the kernel
after every operation. All of it is read when the process starts, hence the restart below.
"""


def main() -> None:
    options = _parser().parse_args()
    command: Callable[[argparse.Namespace], None] = options.command
    command(options)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(required=True)
    _add_synth(commands.add_parser("synth", help="speak sentences into a bank"))
    _add_train(commands.add_parser("train", help="make one training run"))
    _add_export(commands.add_parser("export", help="write a faster-whisper model folder"))
    words = commands.add_parser("words", help="print the vocabulary")
    words.set_defaults(command=_words)
    _add_evaluate(commands.add_parser("evaluate", help="measure a model"))
    return parser


def _add_synth(parser: argparse.ArgumentParser) -> None:
    _add_work(parser)
    parser.add_argument("--utterances", type=int, default=12000)
    parser.add_argument("--style", choices=["varied", "plain"], default="varied")
    parser.add_argument("--bank", default="bank.npz", help="file name inside --work")
    parser.set_defaults(command=_synth)


def _add_train(parser: argparse.ArgumentParser) -> None:
    _add_work(parser)
    parser.add_argument("--minutes", type=float, default=36)
    parser.add_argument("--stop", type=float, default=0, help="stop after so many minutes, mid-schedule")
    parser.add_argument("--lr", type=float, default=2e-3)
    parser.add_argument("--warmup", type=int, default=0, help="steps; default 200, or 40 with --init")
    parser.add_argument("--stages", default="0.35,0.6", help="fractions of the time at which stages 0 and 1 end")
    parser.add_argument("--init", type=Path, default=None)
    parser.add_argument("--plain", action="store_true", help="start from the weights, not their running mean")
    parser.add_argument("--freeze-encoder", action="store_true")
    parser.add_argument("--aim", action="store_true", help="start the time heads from a least-squares solution")
    parser.add_argument("--mix", choices=["base", "long", "context"], default="base")
    parser.add_argument("--banks", default="bank.npz", help="comma separated file names inside --work")
    parser.set_defaults(command=_train)


def _add_export(parser: argparse.ArgumentParser) -> None:
    _add_work(parser)
    parser.add_argument("--out", type=Path, default=Path("model"))
    parser.add_argument("--ema", action="store_true", help="export the running mean of the weights")
    parser.add_argument("--quantization", default="int8")
    parser.set_defaults(command=_export)


def _add_evaluate(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--model", type=Path, default=Path("model"))
    parser.add_argument("--n", type=int, default=60, help="sentences to a set")
    parser.add_argument("--seed", type=int, default=20261)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--show", type=int, default=6, help="transcripts to print")
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--compute-type", default="default")
    parser.set_defaults(command=_evaluate)


def _add_work(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--work", type=Path, default=Path("work"))
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--name", default="model.pt", help="checkpoint inside --work")


# The commands import late: each needs other packages, and the training environment comes before numpy.


def _synth(options: argparse.Namespace) -> None:
    from cli.demo.training.synthesis import synthesise  # noqa: PLC0415

    synthesise(options.work, options.bank, seed=options.seed, utterances=options.utterances, style=options.style)


def _train(options: argparse.Namespace) -> None:
    if "MALLOC_TOP_PAD_" not in os.environ:
        os.environ.update(TRAINING_ENVIRONMENT)
        os.execv(sys.executable, [sys.executable, "-u", "-m", "cli.demo.training", *sys.argv[1:]])
    from cli.demo.training.training import Run, train  # noqa: PLC0415

    train(
        Run(
            work=options.work,
            name=options.name,
            seed=options.seed,
            minutes=options.minutes,
            stop=options.stop,
            lr=options.lr,
            warmup=options.warmup,
            stages=tuple(float(part) for part in options.stages.split(",")),
            init=options.init,
            plain=options.plain,
            freeze_encoder=options.freeze_encoder,
            aim=options.aim,
            mix=options.mix,
            banks=tuple(options.banks.split(",")),
        )
    )


def _export(options: argparse.Namespace) -> None:
    from cli.demo.training.export import export  # noqa: PLC0415

    export(options.work, options.name, options.out, mean=options.ema, quantization=options.quantization)


def _words(options: argparse.Namespace) -> None:
    del options
    from cli.demo.training.vocabulary import WORDS  # noqa: PLC0415

    print("\n".join(WORDS))


def _evaluate(options: argparse.Namespace) -> None:
    from cli.demo.training.evaluation import Options, evaluate  # noqa: PLC0415

    evaluate(
        Options(
            model=options.model,
            count=options.n,
            seed=options.seed,
            json=options.json,
            show=options.show,
            quick=options.quick,
            compute_type=options.compute_type,
        )
    )


if __name__ == "__main__":
    main()
