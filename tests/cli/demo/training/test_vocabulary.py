import hashlib
import random

from cli.demo.training.vocabulary import (
    CONTENT,
    HELD_OUT_VOICES,
    NUMBERS,
    TRAIN_ACCENTS,
    TRAIN_VARIANTS,
    WORD_ID,
    WORDS,
    plain_voice,
    random_sentence,
    varied_voice,
)


def test_words_are_numbered_from_one() -> None:
    assert len(WORDS) == len(set(WORDS)) == 112
    assert [WORD_ID[word] for word in WORDS] == list(range(1, 113))


def test_a_seed_means_the_same_sentences_for_ever() -> None:
    rng = random.Random(20261)

    sentences = [" ".join(random_sentence(rng)) for _ in range(1000)]

    # What the seed gave when the model was trained: the order of random draws is part of the recipe.
    assert sentences[:2] == ["elephant one market kitchen one", "this is the elephant of planet"]
    assert hashlib.sha256("\n".join(sentences).encode()).hexdigest().startswith("01f6b12a14299431")


def test_sentences_use_the_vocabulary_and_keep_to_their_length() -> None:
    rng = random.Random(1)
    sentences = [random_sentence(rng, 6) for _ in range(500)]

    assert {word for sentence in sentences for word in sentence} == set(WORDS)
    assert {len(sentence) for sentence in sentences} == set(range(1, 7))


def test_half_of_the_sentences_are_grammatical() -> None:
    rng = random.Random(2)
    sentences = [random_sentence(rng) for _ in range(2000)]

    chapters = [sentence for sentence in sentences if sentence[0] == "chapter" and len(sentence) > 3]
    grammatical = [sentence for sentence in chapters if sentence[1] in NUMBERS]

    # One pattern of eight begins so, in 45 % of the sentences: 112 of 2000.
    assert 80 < len(grammatical) < 150
    assert any(sentence[2] in CONTENT for sentence in grammatical)


def test_training_never_uses_a_held_out_voice() -> None:
    trained = {accent + variant for accent in TRAIN_ACCENTS for variant in TRAIN_VARIANTS}

    assert not trained & set(HELD_OUT_VOICES)


def test_voices_stay_within_what_people_speak_like() -> None:
    rng = random.Random(3)
    voices = [varied_voice(rng) for _ in range(300)]

    assert all(110 <= voice.rate <= 215 and 20 <= voice.pitch <= 80 for voice in voices)
    assert {plain_voice(rng).name for _ in range(50)} == {"en-us", "gmw/en"}
