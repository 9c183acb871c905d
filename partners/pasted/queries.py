"""Whom lines mean, and what was pasted."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from uuid import UUID

from partners.directory.codes import normalise
from partners.evidence.columns import clues_of
from partners.evidence.keys import email_key
from partners.evidence.queries import recognise
from partners.evidence.rules import Clues, Verdict
from partners.pasted.models import PastedColumn
from partners.pasted.rules import PastedLine
from prm.bringing import Row
from prm.core.words.spelling import spelling_key
from prm.tenancy.context import current_actor

Missing = list[int | str]
"""A line that means nobody for certain: its number, its text and why."""


@dataclass(frozen=True, slots=True)
class Meant:
    """Whom pasted lines mean, each partner once, and the lines that mean nobody for certain."""

    ids: list[UUID]
    missing: list[Missing]


def meant_by(lines: Sequence[PastedLine]) -> Meant:
    """Return whom lines mean: by a code or an address first, else by a name (a fixed number of queries).

    Of a line with several cells the first that means somebody counts.
    """
    cells = [cell for line in lines for cell in line.cells]
    verdicts = recognise([_by_key(cell) for cell in cells])
    found = {cell: one for cell, one in zip(cells, verdicts, strict=True) if one.partner}
    left = list(dict.fromkeys(cell for cell in cells if cell not in found and "@" not in cell))
    clues = clues_of([Row(0, {"partner_name": cell}) for cell in left], "partner_")
    said = {
        cell: _by_name(one, v) for cell, one, v in zip(left, clues, recognise(clues), strict=True)
    } | found
    ids: dict[UUID, None] = {}
    missing: list[Missing] = []
    for line in lines:
        answers = [said[cell] for cell in line.cells if cell in said]
        partner = next((one.partner for one in answers if one.partner), None)
        if partner:
            ids[UUID(partner.id)] = None
        else:
            missing.append([line.number, line.text, _why(answers)])
    return Meant(list(ids), missing)


def _by_key(cell: str) -> Clues:
    return Clues(email=email_key(cell)) if "@" in cell else Clues(code=("", normalise(cell)))


def _by_name(clues: Clues, verdict: Verdict) -> Verdict:
    """Return the one partner who is called so word for word, where only a name is said; else the verdict as it is.

    A list that is to be written asks a person about such a row. Here nothing is written, and everybody sees who was found.
    """
    wanted = [_spelt(words) for words in (clues.words, clues.written_out) if words]
    called = [
        known
        for known, _ in verdict.candidates
        if any(_spelt(words) in wanted for words in (known.words, *known.aliases))
    ]
    return Verdict(called[0], "name") if verdict.partner is None and len(called) == 1 else verdict


def _spelt(words: Collection[str]) -> list[str]:
    return sorted(map(spelling_key, words))


def _why(answers: Sequence[Verdict]) -> str:
    names = [known.name for one in answers for known, _ in one.candidates]
    if not names:
        return "Nobody here is called so."
    more = f" or one of {len(names) - 3} more" if len(names) > 3 else ""
    return f"Not certain: {', '.join(dict.fromkeys(names[:3]))}{more}."


def pasted(pasted_id: UUID) -> PastedColumn | None:
    """Return what who acts has pasted; somebody else's is none (1 query)."""
    member = current_actor().member_id
    return PastedColumn.objects.filter(pk=pasted_id, owner=member).first() if member else None
