"""A terminal that is read by a test."""

import io
from typing import Any

from rich.console import Console


class Terminal(Console):
    """A console without colours that keeps what was printed."""

    def __init__(self, width: int = 120, **options: Any) -> None:
        self.written = io.StringIO()
        super().__init__(file=self.written, width=width, **options)

    @property
    def text(self) -> str:
        """Everything printed so far."""
        return self.written.getvalue()
