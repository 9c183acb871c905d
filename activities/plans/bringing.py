"""Call plans from a list (`prm.bringing`)."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import Final
from uuid import UUID

from activities.plans import service
from activities.plans.models import CallPlan
from partners.directory.models import Partner
from partners.evidence.columns import PARTNER_CLUES, PARTNER_COLUMNS, find_owners
from prm.accounts.rights import Right
from prm.bringing import Change, Column, Kind, Match, Row, Type, Values
from prm.core import calendar
from prm.core.errors import Refused
from prm.tenancy.context import current_tenant

_PERIODS: Final = {"1": "month", "2": "two months", "3": "quarter", "6": "half-year", "12": "year"}


def _find(rows: Sequence[Row]) -> Sequence[Match]:
    return find_owners(rows, _at_partners)


def _at_partners(rows: Sequence[tuple[Row, str, str]]) -> list[Match]:
    """Return which plans rows change: that of the same day, or the one in force (one query)."""
    today = calendar.today(current_tenant())
    plans: dict[str, list[CallPlan]] = {}
    for plan in CallPlan.objects.filter(partner_id__in={about for _, about, _ in rows}).order_by(
        "valid_from"
    ):
        plans.setdefault(str(plan.partner_id), []).append(plan)
    return [_match(row, about, reason, plans.get(about, []), today) for row, about, reason in rows]


def _match(row: Row, about: str, reason: str, plans: Sequence[CallPlan], today: date) -> Match:
    months = int(row.values.get("months") or 1)
    start = _start(row.values, months, today)
    for plan in plans:
        if plan.valid_from == start:
            return Match(
                target=str(plan.pk), name=plan.plan.words, by="day", about=about, reason=reason, keys=(f"{about}:{start}",),
                current=_values(plan),
            )  # fmt: skip
        if start < plan.valid_from <= today:
            return Match(
                problem=f"A later plan holds since {plan.valid_from:%d %B %Y}, and this one would end it. Give a later day.",
                field="valid_from",
            )
    before = [plan for plan in plans if plan.valid_from < start]
    if (
        not row.values.get("valid_from")
        and before
        and _says(before[-1]) == (row.values.get("visits"), str(months))
    ):
        # Without a day the list says what holds now, and it does.
        return Match(target=str(before[-1].pk), name=before[-1].plan.words, about=about, current=row.values)
    return Match(about=about, reason=reason, keys=(f"{about}:{start}",))


def _says(plan: CallPlan) -> tuple[str, str]:
    return str(plan.visits), str(plan.months)


def _start(values: Values, months: int, today: date) -> date:
    if said := values.get("valid_from"):
        return date.fromisoformat(said)
    return CallPlan(visits=0, months=months).plan.period(today).start


def _values(plan: CallPlan) -> dict[str, str]:
    return {"visits": str(plan.visits), "months": str(plan.months), "valid_from": plan.valid_from.isoformat()}


def _create(values: Values, about: str) -> UUID:
    partner = Partner.objects.get(pk=about)
    months = int(values.get("months") or 1)
    start = date.fromisoformat(values["valid_from"]) if values.get("valid_from") else None
    return service.set_call_plan(
        partner=partner, visits=int(values["visits"]), months=months, valid_from=start
    ).pk


def _plan(plan_id: UUID) -> CallPlan:
    plan = CallPlan.objects.select_related("partner").filter(pk=plan_id).first()
    if plan is None:
        raise Refused("This plan does not exist any more.", code="not_found")
    return plan


def _update(plan_id: UUID, changed: Values, said: Values) -> None:
    del said
    plan = _plan(plan_id)
    values = _values(plan) | dict(changed)
    service.set_call_plan(
        partner=plan.partner, visits=int(values["visits"]), months=int(values["months"]), valid_from=plan.valid_from
    )  # fmt: skip


def _restore(plan_id: UUID, changes: Mapping[str, Change], said: Values) -> None:
    _update(plan_id, {key: old for key, (old, _) in changes.items()}, said)


def _remove(plan_id: UUID) -> None:
    service.remove_call_plan(plan=_plan(plan_id))


def _present(ids: Collection[UUID]) -> Mapping[UUID, Values]:
    return {plan.pk: _values(plan) for plan in CallPlan.objects.filter(pk__in=ids)}


KINDS = [
    Kind(
        key="call-plans",
        nouns=lambda: ("call plan", "call plans"),
        summary="Visits intended for a partner in each month, quarter or year, from a day on.",
        rights=(Right.IMPORT_RUN, Right.ACTIVITY_MANAGE),
        columns=(
            Column(key="visits", label="Visits", type=Type.WHOLE, headings=("calls", "planned", "count", "besuche", "anzahl"), needed=True),
            Column(
                key="months", label="Per", type=Type.CHOICE, headings=("period", "months", "every", "zeitraum", "je"), choices=lambda: _PERIODS
            ),
            Column(key="valid_from", label="From", type=Type.DAY, headings=("since", "start", "validfrom", "ab", "seit", "gültigab")),
            *PARTNER_COLUMNS,
        ),
        clues=PARTNER_CLUES,
        picker="partners",
        is_about=True,
        order=60,
        find=_find,
        create=_create,
        update=_update,
        restore=_restore,
        remove=_remove,
        present=_present,
    ),
]  # fmt: skip
