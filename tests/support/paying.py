"""Paid calls for tests. `python -m tests.support.paying QUESTION` asks one of Bedrock in a process of its own."""

import asyncio
import os
import sys
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import date
from decimal import Decimal
from typing import Any, TypeVar

from psycopg.rows import dict_row

from shared.bedrock.client import Bedrock
from shared.database import Database
from shared.errors import Unavailable
from shared.models.bedrock_settings import BedrockSettings
from shared.models.prices import Usage
from shared.paying.asking import PaidCalls
from shared.paying.calls import Answer, Call, Reply, Reserve
from shared.platform import run_async

T = TypeVar("T")

NOVA = "us.amazon.nova-2-lite-v1:0"
USAGE = Usage(input_tokens=1000, output_tokens=200)
COST = Decimal("0.0025")
HELD = Decimal("0.01")
REPLY = Reply({"text": "A dog.", "stopReason": "end_turn"}, USAGE, "request-1", 1200, "end_turn")


def price(usage: Usage) -> Decimal:
    return Decimal(usage.input_tokens) * Decimal("0.0000015") + Decimal(usage.output_tokens) * Decimal("0.000005")


def a_call(question: str = "what?", *, usd: Decimal = HELD, **others: Any) -> Call:
    values: dict[str, Any] = {
        "purpose": "analysis",
        "provider": "bedrock",
        "model": "2-lite",
        "model_id": NOVA,
        "requested_by": "ada",
        **others,
    }
    return Call(question=question, reserve=Reserve(1100, 500, usd, date(2026, 11, 20)), **values)


class Provider:
    """Answers a call once it may; says how often it was asked."""

    def __init__(self, *, fault: Exception | None = None, held: bool = False, reply: Reply = REPLY) -> None:
        self.fault = fault
        self.reply = reply
        self.asked = 0
        self.reached = asyncio.Event()
        self.may_answer = asyncio.Event()
        if not held:
            self.may_answer.set()

    async def __call__(self) -> Reply:
        self.asked += 1
        self.reached.set()
        await self.may_answer.wait()
        if self.fault:
            raise self.fault
        return self.reply


async def patiently(action: Callable[[], Awaitable[T]]) -> T:
    """The result of an action that is repeated while it may not be done yet."""
    while True:
        with suppress(Unavailable):
            return await action()
        await asyncio.sleep(0.01)


async def ask(calls: PaidCalls, call: Call, provider: Provider) -> Answer:
    """An answer, priced as these tests do."""
    return await calls.ask(call, provider, price)


async def ledger_rows(database: Database) -> list[dict[str, Any]]:
    """Every row of the ledger, the oldest first."""
    async with database.connection() as connection, connection.cursor(row_factory=dict_row) as cursor:
        await cursor.execute("SELECT * FROM model_calls ORDER BY begun_at, id")
        return await cursor.fetchall()


def conversation(text: str) -> dict[str, Any]:
    """A question to Nova 2 Lite, as Converse takes it."""
    return {"modelId": NOVA, "messages": [{"role": "user", "content": [{"text": text}]}]}


async def ask_bedrock(question: str) -> None:
    """Ask Bedrock as the environment says, and pay as the ledger of its database says."""
    database = Database(os.environ["SPILLWAY_DATABASE_URL"], connections=2)
    await database.open()
    bedrock = Bedrock(BedrockSettings())
    await PaidCalls(database).ask(a_call(question), lambda: bedrock.converse(conversation(question)), price)
    await database.close()


if __name__ == "__main__":
    run_async(ask_bedrock(sys.argv[1]))
