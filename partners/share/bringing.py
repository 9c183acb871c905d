"""Estimates from a list (`prm.bringing`)."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Final
from uuid import UUID

from partners.evidence.columns import PARTNER_CLUES, PARTNER_COLUMNS, find_owners
from partners.share import service
from partners.share.models import ShareEstimate
from partners.share.rules import check_estimate
from prm.accounts.rights import Right
from prm.bringing import Column, Kind, Match, Row, Type, Values
from prm.core.calendar import today
from prm.tenancy.context import current_tenant

_RANGE: Final = ("low", "middle", "high")


def _find(rows: Sequence[Row]) -> Sequence[Match]:
    return find_owners(rows, _at_partners)


def _at_partners(rows: Sequence[tuple[Row, str, str]]) -> list[Match]:
    """Return which estimates rows repeat; another range of the same source and day is a newer one (one query)."""
    known = {}
    for one in ShareEstimate.objects.filter(partner_id__in={about for _, about, _ in rows}).order_by(
        "created_at"
    ):
        known[str(one.partner_id), one.source.casefold(), one.as_of.isoformat()] = one
    found = []
    for row, about, reason in rows:
        key = (about, row.values.get("source", "").casefold(), row.values.get("as_of", ""))
        one = known.get(key)
        is_same = one is not None and all(
            row.values.get(name) and Decimal(row.values[name]) == getattr(one, name) for name in _RANGE
        )
        if one is not None and is_same:
            match = Match(
                target=str(one.pk), name=str(one), by="source and day", about=about, reason=reason, current=row.values,
                keys=(":".join(key),),
            )  # fmt: skip
        else:
            match = Match(
                about=about, reason=reason, keys=(":".join(key),), name=row.values.get("source", "")
            )
        found.append(match)
    return found


def _check(values: Values) -> None:
    low, middle, high = (Decimal(values[name]) for name in _RANGE)
    check_estimate(low, middle, high, date.fromisoformat(values["as_of"]), today(current_tenant()))


def _create(values: Values, about: str) -> UUID:
    low, middle, high = (Decimal(values[name]) for name in _RANGE)
    return service.add_estimate(
        UUID(about), low=low, middle=middle, high=high, source=values["source"], as_of=date.fromisoformat(values["as_of"])
    ).pk  # fmt: skip


def _create_many(rows: Sequence[tuple[Values, str]]) -> list[UUID]:
    new = []
    for values, about in rows:
        low, middle, high = (Decimal(values[name]) for name in _RANGE)
        day = date.fromisoformat(values["as_of"])
        new.append(service.NewEstimate(UUID(about), low, middle, high, values["source"], day))
    return [estimate.pk for estimate in service.add_estimates(new)]


def _nothing_to_change(estimate_id: UUID, changed: Mapping[str, object], said: Values) -> None:
    """Do nothing: an estimate is never changed, a newer one takes its place."""


def _present(ids: Collection[UUID]) -> Mapping[UUID, Values]:
    return {
        one.pk: {"source": one.source, **{name: str(getattr(one, name)) for name in _RANGE}}
        for one in ShareEstimate.objects.filter(pk__in=ids)
    }


KINDS = [
    Kind(
        key="estimates",
        nouns=lambda: ("estimate", "estimates"),
        summary="What somebody believes a partner sends in a year, here and elsewhere, with its range.",
        rights=(Right.IMPORT_RUN, Right.PARTNER_EDIT),
        columns=(
            Column(key="source", label="Source", headings=("estimatesource", "quelle"), longest=80, needed=True),
            Column(key="as_of", label="As of", type=Type.DAY, headings=("date", "asof", "day", "stand", "datum"), needed=True),
            Column(key="low", label="Low", type=Type.NUMBER, headings=("lower", "from", "minimum", "von", "untergrenze", "mindestens"), needed=True),
            Column(
                key="middle", label="Estimate", type=Type.NUMBER, headings=("total", "amount", "value", "mid", "schätzung", "betrag", "wert"), needed=True
            ),
            Column(key="high", label="High", type=Type.NUMBER, headings=("upper", "to", "maximum", "bis", "obergrenze", "höchstens"), needed=True),
            *PARTNER_COLUMNS,
        ),
        clues=PARTNER_CLUES,
        picker="partners",
        is_about=True,
        order=50,
        find=_find,
        create=_create,
        create_many=_create_many,
        check=_check,
        update=_nothing_to_change,
        restore=_nothing_to_change,
        remove=service.remove_estimate,
        present=_present,
    ),
]  # fmt: skip
