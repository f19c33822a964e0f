import pytest

from cli.local.health import Answer, State, judge


def _state(answer: Answer | None, *, alive: bool = True, stopping: bool = False, address: bool = True, runs: int = 0) -> State:
    return judge(answer, alive=alive, stopping=stopping, has_address=address, restarts=runs).state


READY = Answer(ready=True, was_ready=True, detail="", restarts=0)
NOT_YET = Answer(ready=False, was_ready=False, detail="migrating", restarts=0)
NO_LONGER = Answer(ready=False, was_ready=True, detail="NATS is away", restarts=0)


@pytest.mark.parametrize(
    ("answer", "state"),
    [(None, State.STARTING), (READY, State.READY), (NOT_YET, State.STARTING), (NO_LONGER, State.UNREADY)],
)
def test_a_living_service_is_what_it_answers(answer: Answer | None, state: State) -> None:
    assert _state(answer) is state


def test_the_answer_of_an_earlier_process_is_worth_nothing() -> None:
    assert _state(READY, runs=1) is State.STARTING


def test_a_dead_service_restarts_unless_it_was_told_to_stop() -> None:
    assert _state(READY, alive=False) is State.RESTARTING
    assert _state(READY, alive=False, stopping=True) is State.STOPPED


def test_a_service_without_an_address_is_ready_while_it_lives() -> None:
    assert _state(None, address=False) is State.READY


def test_detail_is_the_services_own_words() -> None:
    health = judge(NO_LONGER, alive=True, stopping=False, has_address=True, restarts=0)
    assert health.detail == "NATS is away"
