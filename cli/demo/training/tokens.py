"""The tokenizer: byte-level BPE whose merges make every vocabulary word one token."""

from pathlib import Path

from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers, trainers

from cli.demo.training.vocabulary import WORDS

SPECIALS = [
    "<|endoftext|>",
    "<|startoftranscript|>",
    "<|en|>",
    "<|translate|>",
    "<|transcribe|>",
    "<|startoflm|>",
    "<|startofprev|>",
    "<|nospeech|>",
    "<|notimestamps|>",
]
TIMESTAMPS = 1501
"""0.00 s to 30.00 s in steps of 0.02 s."""
MERGE_LIMIT = 5000
"""More merges than the words need, so that each becomes a single token."""


def build_tokenizer(folder: Path) -> Tokenizer:
    """Trains the tokenizer and saves it as `tokenizer.json` in the folder."""
    tokenizer = Tokenizer(models.BPE())
    # The library's stubs type these properties as Optional of a base class without constructor arguments.
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)  # type: ignore[assignment, unused-ignore]
    tokenizer.decoder = decoders.ByteLevel()  # type: ignore[assignment, unused-ignore]
    trainer = trainers.BpeTrainer(
        vocab_size=MERGE_LIMIT,
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
        special_tokens=[],
    )
    tokenizer.train_from_iterator([" " + word for word in WORDS for _ in range(3)], trainer)
    _add_tokens(tokenizer)
    split = [word for word in WORDS if len(tokenizer.encode(" " + word).ids) != 1]
    assert not split, f"words of more than one token: {split}"
    folder.mkdir(parents=True, exist_ok=True)
    tokenizer.save(str(folder / "tokenizer.json"))
    return tokenizer


def _add_tokens(tokenizer: Tokenizer) -> None:
    """Adds Whisper's special tokens and timestamps, after fillers that round the size up to a multiple of 8."""
    merged = tokenizer.get_vocab_size()
    fillers = -(merged + len(SPECIALS) + TIMESTAMPS) % 8
    tokenizer.add_tokens([AddedToken(f"<|unused{number}|>", normalized=False) for number in range(fillers)])
    tokenizer.add_special_tokens([AddedToken(name, special=True, normalized=False) for name in SPECIALS])
    stamps = [f"<|{step * 0.02:.2f}|>" for step in range(TIMESTAMPS)]
    tokenizer.add_tokens([AddedToken(stamp, special=False, normalized=False) for stamp in stamps])


class Tokens:
    """The token numbers that training needs by name."""

    def __init__(self, tokenizer: Tokenizer) -> None:
        self.size: int = tokenizer.get_vocab_size()
        self.end_of_text = _number(tokenizer, "<|endoftext|>")
        self.start = _number(tokenizer, "<|startoftranscript|>")
        self.previous = _number(tokenizer, "<|startofprev|>")
        self.no_speech = _number(tokenizer, "<|nospeech|>")
        self.no_timestamps = _number(tokenizer, "<|notimestamps|>")
        self.first_timestamp = self.no_timestamps + 1
        self.full_stop: int = tokenizer.encode(".").ids[0]
        self.space: int = tokenizer.encode(" ").ids[0]
        self.words: list[int] = [0, *(tokenizer.encode(" " + word).ids[0] for word in WORDS)]
        """By word id; the first entry stands for "no word" and is never written."""


def _number(tokenizer: Tokenizer, name: str) -> int:
    number = tokenizer.token_to_id(name)
    assert number is not None, f"the tokenizer lacks {name}"
    return int(number)


def load_tokenizer(path: Path) -> Tokenizer:
    return Tokenizer.from_file(str(path))
