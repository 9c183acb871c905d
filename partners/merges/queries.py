"""Reads about merges: what would move, and who somebody is now."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from django.db.models import Sum

from partners.directory.codes import normalise
from partners.directory.models import Partner, ReferralCode
from partners.merges import registry, rules
from partners.standing.models import PartnerMonth
from prm.core.calendar import local_date, month_start, today
from prm.core.errors import Refused
from prm.tenancy.context import current_tenant
from prm.ui.formatting import day

# Longer chains of merges than anybody makes.
_LONGEST_CHAIN = 100
# Codes that a preview names.
_CODES_SHOWN = 3


@dataclass(frozen=True, slots=True)
class Row:
    """What one table holds of both: the survivor has so many, and gets so many."""

    words: str
    has: int
    gets: int
    note: str = ""


@dataclass(frozen=True, slots=True)
class Preview:
    """What a merge would do. Money is revenue of twelve months; `moved_rows` counts all rows that would move."""

    survivor: Partner
    merged: Partner
    rows: list[Row]
    revenue: Decimal
    gained: Decimal
    accesses: int
    moved_rows: int = 0

    @property
    def is_large(self) -> bool:
        """Whether so much moves that it is done in the background."""
        return self.moved_rows > rules.LARGE

    @property
    def survivor_words(self) -> str:
        """Return since when the survivor is here."""
        return f"since {_since(self.survivor)}"

    @property
    def merged_words(self) -> str:
        """Return since when the other one is here."""
        return f"since {_since(self.merged)}"

    @property
    def together(self) -> Decimal:
        """Return the revenue of both."""
        return self.revenue + self.gained


def survivor_of(partner: Partner) -> Partner:
    """Return who a partner is now: the end of the chain of merges, or itself."""
    seen = 0
    while partner.merged_into_id is not None and seen < _LONGEST_CHAIN:
        partner, seen = Partner.with_merged.get(pk=partner.merged_into_id), seen + 1
    return partner


def present_id(partner_id: object) -> object:
    """Return the id that a partner has now; what is no partner's id is returned as it is."""
    try:
        found = Partner.with_merged.filter(pk=UUID(str(partner_id))).exclude(merged_into=None).first()
    except ValueError:
        return partner_id
    return survivor_of(found).pk if found else partner_id


def meant(text: str) -> Partner:
    """Return the one partner with this id, code or name. Raises `Refused`, in words, for none and for several."""
    try:
        found = list(Partner.with_merged.filter(pk=UUID(text)))
    except ValueError:
        coded = ReferralCode.objects.filter(normal=normalise(text)).values("partner")
        found = list(Partner.objects.filter(pk__in=coded)[:2])
        found = found or list(Partner.objects.filter(name__iexact=text.strip())[:2])
    if len(found) != 1:
        words = "Several partners have" if found else "No partner has"
        raise Refused(f"{words} the id, code or name {text!r}.", code="does_not_exist")
    return found[0]


def histories(partner_ids: Iterable[UUID]) -> dict[UUID, rules.History]:
    """Return how much is known of partners; a query per table and partner."""
    found = {}
    for partner in Partner.objects.filter(pk__in=list(partner_ids)):
        orders = PartnerMonth.objects.filter(partner=partner).aggregate(n=Sum("orders"))["n"] or 0
        rows = sum(table.count(partner.pk) for table in registry.moved_tables())
        found[partner.pk] = rules.History(orders, rows, partner.created_at)
    return found


def suggested(first: UUID, second: UUID) -> tuple[UUID, UUID]:
    """Return the two, first the one that should stay."""
    known = histories([first, second])
    if first in known and second in known and not rules.first_stays(known[first], known[second]):
        return second, first
    return first, second


def preview(survivor_id: UUID, merged_id: UUID) -> Preview:
    """Return what merging one partner into another would move. Raises `Refused` where they cannot be merged."""
    survivor, merged = (mergeable(pk) for pk in (survivor_id, merged_id))
    if survivor.pk == merged.pk:
        raise same()
    counts: dict[str, list[int]] = {}
    for table in registry.moved_tables():
        sides = counts.setdefault(table.nouns[1], [0, 0])
        sides[0] += table.count(survivor.pk)
        sides[1] += table.count(merged.pk)
    notes = {"referral codes": _codes_note(merged)}
    return Preview(
        survivor,
        merged,
        [Row(words, has, gets, notes.get(words, "")) for words, (has, gets) in counts.items() if words],
        _revenue(survivor),
        _revenue(merged),
        merged.accesses.count(),
        sum(gets for _, gets in counts.values()),
    )


def _codes_note(partner: Partner) -> str:
    """Return which codes come over, in words: they stay valid."""
    codes = list(partner.codes.order_by("pk").values_list("code", flat=True)[: _CODES_SHOWN + 1])
    if not codes:
        return ""
    first, last = codes[:_CODES_SHOWN], "more"
    if len(codes) <= _CODES_SHOWN:
        first, last = codes[:-1], codes[-1]
    shown = f"{', '.join(first)} and {last}" if first else last
    return f"{shown} {'stays' if len(codes) == 1 else 'stay'} valid"


def _since(partner: Partner) -> str:
    made = local_date(current_tenant(), partner.created_at)
    return day(made) if made.year == today(current_tenant()).year else str(made.year)


def mergeable(partner_id: UUID) -> Partner:
    """Return a partner that is one of its own. Raises `Refused` for one that is not."""
    partner: Partner | None = Partner.with_merged.filter(pk=partner_id).first()
    if partner is None:
        raise Refused("There is no such partner here.", code="does_not_exist")
    if partner.merged_into_id is not None:
        raise already(partner)
    return partner


def same() -> Refused:
    """Return the refusal to merge a partner with itself."""
    return Refused("Choose two different partners: this one is one already.", field="merged", code="same")


def already(partner: Partner) -> Refused:
    """Return the refusal to merge a partner that is merged."""
    return Refused(
        f"{partner.name} was merged into {survivor_of(partner).name} before. Merge with that one instead.",
        code="merged",
    )


def _revenue(partner: Partner) -> Decimal:
    months = PartnerMonth.objects.filter(partner=partner).of_year_ending(month_start(today(current_tenant())))
    return months.aggregate(total=Sum("revenue"))["total"] or Decimal(0)
