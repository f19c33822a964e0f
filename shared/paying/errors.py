"""Why a paid call was not made, or failed, and whether its provider may have billed it all the same."""

from decimal import Decimal
from typing import ClassVar

from shared.errors import Permanent, SpillwayError, Throttled, Unavailable


class CallFault(SpillwayError):
    """A provider refused a call, or did not answer it; its class hangs in the policy tree as well.

    `billed` says whether the provider may ask money for it, `repeats` how often the same question may be tried again after it
    in one run (None: as often as the bus does), and `advice` what a person can do once it may not.
    """

    billed: ClassVar[bool] = True
    repeats: ClassVar[int | None] = None
    advice: ClassVar[str] = ""

    def __init__(self, sentence: str, request_id: str | None = None) -> None:
        super().__init__(sentence)
        self.request_id = request_id


class TriedEnough(Permanent):
    """A call failed as often as it may."""

    def __init__(self, fault: CallFault, failures: int) -> None:
        super().__init__(f"{fault} This happened {failures} times, so it is not tried again by itself. {fault.advice}".rstrip())
        self.fault = fault


class CallUnderWay(Unavailable):
    """Another process asks the same question just now; its answer will be there for both."""

    def __init__(self) -> None:
        super().__init__("The same is being asked already, by another process; its answer is waited for.")


class BudgetExceeded(Permanent):
    """A budget leaves too little for what was asked."""

    def __init__(self, budget: str, usd: Decimal, sentence: str) -> None:
        super().__init__(sentence)
        self.budget = budget
        self.usd = usd


def may_be_billed(error: Exception) -> bool:
    """Whether a provider may ask money for a call that ended so; what nobody foresaw counts as if it did."""
    if isinstance(error, CallFault):
        return error.billed
    return not isinstance(error, Throttled)
