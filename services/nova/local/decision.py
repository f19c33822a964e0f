"""One dimension decided by its rules."""

from services.nova.analyst import Decision
from services.nova.local.confidence import confidence
from services.nova.local.facts import Facts
from services.nova.provenance import Evidence
from services.nova.taxonomy import UNKNOWN, AnyOf, Dimension

QUOTES = 6
"""Pieces of evidence kept per decision: enough to judge it by."""


def decide(dimension: Dimension, known: Facts) -> Decision:
    """The value of the first rule that holds, or Unknown with the first reason that fits."""
    for rule in dimension.rules:
        if _holds(rule.when, rule.unless, known):
            evidence = _quotes(rule.when, known)
            return Decision(value=rule.value, evidence=evidence[:QUOTES], confidence=confidence(evidence, rule.certainty))
    reason = next(reason for reason in dimension.reasons if _holds(reason.when, reason.unless, known))
    return Decision(value=UNKNOWN, unknown_reason=reason.text)


def _holds(when: tuple[AnyOf, ...], unless: tuple[str, ...], known: Facts) -> bool:
    return all(any(known.evidence(fact) for fact in clause) for clause in when) and not any(map(known.evidence, unless))


def _quotes(when: tuple[AnyOf, ...], known: Facts) -> tuple[Evidence, ...]:
    # Round robin, so that each clause of the rule is seen to hold within the first few.
    by_clause = [[piece for fact in clause for piece in known.evidence(fact)] for clause in when]
    longest = max(map(len, by_clause), default=0)
    return tuple(dict.fromkeys(pieces[at] for at in range(longest) for pieces in by_clause if at < len(pieces)))
