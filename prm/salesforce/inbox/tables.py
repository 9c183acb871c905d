"""Columns of held records and conflicts, as files."""

from __future__ import annotations

from typing import Final

from prm.salesforce.engine.models import Conflict, SyncProblem
from prm.salesforce.mapping import registry
from prm.ui.export.answers import Columns

PROBLEMS: Final[Columns[SyncProblem]] = {
    "Record": lambda problem: problem.title or str(problem.record_id),
    "Message": lambda problem: problem.message,
    "Fields": lambda problem: problem.fields,
    "Tries": lambda problem: problem.tries,
    "Last": lambda problem: problem.last_at,
}


def label_of(conflict: Conflict) -> str:
    """Return what the field of a conflict is called here, and else what Salesforce calls it."""
    fields = registry.mapping(conflict.mapping).fields
    return next((field.label for field in fields if field.there == conflict.there), "") or conflict.there


def _state(conflict: Conflict) -> str:
    if conflict.state == Conflict.State.OPEN:
        return "Choose"
    return "Ours stayed" if conflict.winner == "here" else "Salesforce’s stayed"


CONFLICTS: Final[Columns[Conflict]] = {
    "Record": lambda conflict: conflict.title,
    "Kind": lambda conflict: registry.mapping(conflict.mapping).there_words,
    "At": lambda conflict: conflict.at,
    "Field": label_of,
    "Last agreed": lambda conflict: conflict.agreed,
    "Ours": lambda conflict: conflict.ours,
    "Salesforce’s": lambda conflict: conflict.theirs,
    "State": _state,
}
