from pathlib import Path

import pytest
from tokenizers import Tokenizer

from cli.demo.training.tokens import TIMESTAMPS, Tokens, build_tokenizer, load_tokenizer
from cli.demo.training.vocabulary import WORDS


@pytest.fixture(scope="module")
def tokenizer(tmp_path_factory: pytest.TempPathFactory) -> Tokenizer:
    folder = tmp_path_factory.mktemp("tokenizer")
    build_tokenizer(folder)
    return load_tokenizer(folder / "tokenizer.json")


def test_tokenizer_is_the_one_in_the_model(tokenizer: Tokenizer) -> None:
    model = Path(__file__).resolve().parents[4] / "cli" / "demo" / "model" / "tokenizer.json"

    assert tokenizer.get_vocab() == load_tokenizer(model).get_vocab()


def test_every_word_is_one_token(tokenizer: Tokenizer) -> None:
    tokens = Tokens(tokenizer)

    assert len(set(tokens.words)) == len(WORDS) + 1
    assert tokenizer.decode(tokens.words[1:3]) == " the and"


def test_timestamps_are_the_last_tokens(tokenizer: Tokenizer) -> None:
    tokens = Tokens(tokenizer)

    assert tokens.size % 8 == 0
    assert tokens.first_timestamp + TIMESTAMPS == tokens.size
    assert tokenizer.id_to_token(tokens.size - 1) == "<|30.00|>"
