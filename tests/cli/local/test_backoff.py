from cli.local.backoff import FORGIVEN_AFTER, LONGEST_DELAY, failures_after, restart_delay


def test_delay_doubles_up_to_its_limit() -> None:
    assert [restart_delay(failures) for failures in range(1, 8)] == [1.0, 2.0, 4.0, 8.0, 16.0, 30.0, 30.0]


def test_delay_stays_bounded_however_often_it_failed() -> None:
    assert restart_delay(10_000) == LONGEST_DELAY


def test_failures_in_a_row_add_up() -> None:
    assert failures_after(3, ran_for=FORGIVEN_AFTER - 1) == 4


def test_a_long_run_forgives_earlier_failures() -> None:
    assert failures_after(3, ran_for=FORGIVEN_AFTER) == 1
