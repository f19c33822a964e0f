"""What a run found: figures with their spread, ratios, and the bars they are held against; as text and as one document."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from enum import StrEnum

from tests.bench.rounds import Measured, Spread, figure, ratio


class Limit(StrEnum):
    """On which side of its bar a ratio should be."""

    AT_LEAST = "at least"
    AT_MOST = "at most"


@dataclass(frozen=True)
class Comparison:
    """The ratio of two sides' figures; `bar` is None where it is only reported."""

    title: str
    value: Spread
    bar: float | None = None
    limit: Limit = Limit.AT_LEAST

    @property
    def met(self) -> bool | None:
        """Whether the median is on the right side of the bar; None without a bar."""
        if self.bar is None:
            return None
        return self.value.median >= self.bar if self.limit is Limit.AT_LEAST else self.value.median <= self.bar


@dataclass(frozen=True)
class Section:
    """One question of a benchmark, with everything measured for it."""

    title: str
    unit: str
    figures: dict[str, Spread]
    comparisons: list[Comparison]
    notes: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Report:
    """A whole run."""

    name: str
    conditions: dict[str, str | int]
    sections: list[Section]

    @property
    def met(self) -> bool:
        """Whether every bar was met."""
        return all(comparison.met is not False for section in self.sections for comparison in section.comparisons)


def figures_of(measured: Measured, name: str, sides: Sequence[str]) -> dict[str, Spread]:
    """One figure of each of these sides."""
    return {side: figure(measured, side, name) for side in sides}


def compare(measured: Measured, name: str, side: str, other: str, bar: float | None, limit: Limit) -> Comparison:
    """`side` over `other` in one figure, held against a bar."""
    return Comparison(f"{side} / {other}", ratio(measured, side, other, name), bar, limit)


def as_document(report: Report) -> dict[str, object]:
    """For `--json`."""
    sections = [
        {**asdict(section), "comparisons": [{**asdict(c), "met": c.met} for c in section.comparisons]}
        for section in report.sections
    ]
    return {"name": report.name, "conditions": report.conditions, "sections": sections, "met": report.met}


def as_text(report: Report) -> str:
    """For people."""
    lines = [f"{report.name}: " + ", ".join(f"{name} {value}" for name, value in report.conditions.items())]
    for section in report.sections:
        lines += ["", f"{section.title} ({section.unit}; median, lowest to highest)"]
        lines += [f"  {side:<46} {_plain(value)}" for side, value in section.figures.items()]
        lines += [_comparison_line(comparison) for comparison in section.comparisons]
        lines += [f"  {note}" for note in section.notes]
    return "\n".join(lines)


def _comparison_line(comparison: Comparison) -> str:
    value = comparison.value
    line = f"  {comparison.title:<46} {value.median:.2f}  ({value.low:.2f} to {value.high:.2f})"
    if comparison.bar is None:
        return line
    return f"{line}  {comparison.limit} {comparison.bar:.2f}: {'met' if comparison.met else 'MISSED'}"


def _plain(value: Spread) -> str:
    digits = 0 if value.median >= 100 else 2
    return f"{value.median:,.{digits}f}  ({value.low:,.{digits}f} to {value.high:,.{digits}f})"
