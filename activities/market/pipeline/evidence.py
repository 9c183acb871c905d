"""Which of our opportunities one elsewhere is: by name, amount, close date and stage, at the partner whose account it is at."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Final, TypeAlias

from activities.market.budgets.models import Opportunity
from partners.evidence.likeliest import Verdict, Weighed, choose
from partners.evidence.sql import words_of_names
from prm.tenancy.context import current_tenant

NO_ACCOUNT: Final = "Without an account"
CLOSED: Final = "Open there, closed here"
_COLUMNS: Final = (
    "name", "amount", "currency", "close_date", "stage", "state", "partner_id", "partner__name",
)  # fmt: skip

Row: TypeAlias = Mapping[str, str]
"""An opportunity elsewhere: `name`, `amount`, `currency` ("" for the tenant's), `close_date` (ISO) and `stage`, in the words of
`Ours.stage`; `partner` has the ids of the partners whose account it is at, blanks between, and `at` says whether that is
settled ("ours"), or no account at all ("")."""


@dataclass(frozen=True, slots=True)
class Clues:
    """What is known of an opportunity, in the forms in which it is compared; an amount of nought says nothing."""

    words: frozenset[str]
    amount: Decimal | None = None
    close: date | None = None
    stage: str = ""


def weigh(theirs: Clues, ours: Clues) -> Weighed | None:
    """Return what speaks for two at one account being one opportunity; `None` for nothing.

    Certain is the same name with the same amount or day, and a name that agrees in part with both. The stage only adds to the
    evidence: it moves too easily to decide anything.
    """
    is_named = bool(ours.words) and theirs.words == ours.words
    in_part = bool(ours.words and theirs.words) and (theirs.words <= ours.words or ours.words <= theirs.words)
    is_amount = theirs.amount is not None and theirs.amount == ours.amount
    is_day = theirs.close is not None and theirs.close == ours.close
    reason = _reason(theirs, ours, is_named=is_named, in_part=in_part)
    if is_named:
        return (
            Weighed(5 + is_amount + is_day, reason)
            if is_amount or is_day
            else Weighed(3, reason, "Same name, another amount and close date")
        )
    if in_part:
        if is_amount and is_day:
            return Weighed(5, reason)
        return Weighed(1 + is_amount + is_day, reason, "The name agrees in part")
    if is_amount and is_day:
        return Weighed(2, reason, "Same amount and close date, another name")
    return None


def _reason(theirs: Clues, ours: Clues, *, is_named: bool, in_part: bool) -> str:
    """Return in words what is the same and what is not; what one side does not say is neither."""
    same = ["name"] if is_named else []
    other = [] if is_named or in_part else ["name"]
    for what, one, two in (
        ("amount", theirs.amount, ours.amount),
        ("close date", theirs.close, ours.close),
        ("stage", theirs.stage, ours.stage),
    ):
        if one and two:
            (same if one == two else other).append(what)
    parts = [f"Same {_listed(same)}."] if same else []
    parts += ["The name agrees in part."] if in_part and not is_named else []
    parts += [f"Another {_listed(other)}."] if other else []
    return " ".join(parts)


def _listed(words: Sequence[str]) -> str:
    return " and ".join(filter(None, (", ".join(words[:-1]), words[-1])))


def recognise(rows: Sequence[Row], stages: Mapping[str, str]) -> list[Verdict[Opportunity]]:
    """Return which of ours each opportunity there is, or may be (two queries for any number).

    `stages` are the words by which a stage here is called there.
    """
    partners = {partner for row in rows for partner in row.get("partner", "").split()}
    mine = Opportunity.objects.filter(partner_id__in=partners).select_related("partner")
    known = list(mine.only(*_COLUMNS).order_by("pk"))
    names = [one.name for one in known] + [one.partner.name for one in known]
    words = words_of_names([*names, *(row.get("name", "") for row in rows)])
    count = len(known)
    near: dict[str, list[_Known]] = defaultdict(list)
    for one, named, company in zip(known, words[:count], words[count : 2 * count], strict=True):
        stage = stages.get(one.stage, "")
        ours = Clues(named - company or named, one.amount or None, one.close_date, stage)
        near[str(one.partner_id)].append(_Known(one, ours, company))
    found: list[Verdict[Opportunity]] = []
    for row, said in zip(rows, words[2 * count :], strict=True):
        some = [each for partner in row.get("partner", "").split() for each in near[partner]]
        at = row.get("at", "")
        verdict = choose([(each.opportunity, each.weighed(row, said)) for each in some], at=at)
        found.append(verdict or Verdict(doubt="" if at else NO_ACCOUNT))
    return found


@dataclass(frozen=True, slots=True)
class _Known:
    """One of ours, and the words of its partner's name, which people there put before each opportunity of it."""

    opportunity: Opportunity
    clues: Clues
    company: frozenset[str]

    def weighed(self, row: Row, said: frozenset[str]) -> Weighed | None:
        """Return what speaks for it being one there whose name has these words."""
        one = self.opportunity
        amount, close = _amount(row, one.currency), _day(row.get("close_date", ""))
        found = weigh(Clues(said - self.company or said, amount, close, row.get("stage", "")), self.clues)
        if found is None or one.is_open:
            return found
        return Weighed(found.weight, f"{found.reason} Here it is {one.get_state_display().lower()}.", CLOSED)


def _amount(row: Row, currency: str) -> Decimal | None:
    """Return the amount there where it can be compared with one of ours in a currency."""
    if (row.get("currency") or current_tenant().currency) != currency:
        return None
    try:
        return Decimal(row.get("amount", "")) or None
    except InvalidOperation:
        return None


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
