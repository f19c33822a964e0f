from cli.demo.training.bank import Timing
from cli.demo.training.synthesis import word_times
from cli.demo.training.vocabulary import WORD_ID


def test_each_word_ends_where_the_next_starts() -> None:
    times = word_times(["red", "river"], [0, 4], {0: 0.1, 4: 0.5}, last=1.0)

    assert times == [Timing(WORD_ID["red"], 0.1, 0.5), Timing(WORD_ID["river"], 0.5, 1.0)]


def test_words_said_in_one_breath_share_its_time_by_letters() -> None:
    in_, the, city = word_times(["in", "the", "city"], [0, 3, 7], {0: 0.0, 7: 0.7}, last=1.0)

    assert (in_.start, round(in_.end, 3), the.start, round(the.end, 3)) == (0.0, 0.3, in_.end, 0.7)
    assert city.start == 0.7


def test_last_word_has_some_length_even_when_its_sound_is_not_found() -> None:
    (only,) = word_times(["red"], [0], {0: 2.0}, last=1.0)

    assert only.end == 2.05
