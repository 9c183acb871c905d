"""Past visits from a list (`prm.bringing`): a history that is taken over."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, date, datetime
from typing import Any, Final
from uuid import UUID

from activities.visits import service
from activities.visits.models import Visit
from activities.visits.service import PastVisit, VisitInput
from activities.visits.states import Channel, Purpose
from partners.directory.models import Partner
from partners.evidence.columns import PARTNER_CLUES, PARTNER_COLUMNS, find_owners
from partners.evidence.members import members_meant
from prm.accounts.models import Membership
from prm.accounts.rights import Right
from prm.bringing import Change, Column, Kind, Match, Row, Type, Values
from prm.core.errors import Refused

_TEXTS: Final = ("channel", "purpose", "purpose_other", "learned", "next_step")


def _find(rows: Sequence[Row]) -> Sequence[Match]:
    return find_owners(rows, _at_partners)


def _at_partners(rows: Sequence[tuple[Row, str, str]]) -> list[Match]:
    """Return which visits rows repeat: those of the same rep at the same moment (one query)."""
    known = {
        (str(visit.partner_id), str(visit.rep_id), _moment(visit)): visit
        for visit in Visit.objects.filter(
            partner_id__in={about for _, about, _ in rows},
            happened_at__in={
                row.values["happened_at"] for row, _, _ in rows if row.values.get("happened_at")
            },
        ).select_related("rep__user")
    }
    found = []
    for row, about, reason in rows:
        key = (about, row.values.get("rep", ""), row.values.get("happened_at", ""))
        visit = known.get(key)
        if visit is None:
            found.append(Match(about=about, reason=reason, keys=(":".join(key),)))
            continue
        found.append(
            Match(
                target=str(visit.pk), name=str(visit), by="rep and time", about=about, reason=reason, keys=(":".join(key),),
                current=_values(visit), names={str(visit.rep_id): str(visit.rep.user)},
            )
        )  # fmt: skip
    return found


def _moment(visit: Visit) -> str:
    return visit.happened_at.astimezone(UTC).isoformat()


def _values(visit: Visit) -> dict[str, str]:
    values = {key: str(getattr(visit, key)) for key in _TEXTS}
    return values | {
        "happened_at": _moment(visit),
        "rep": str(visit.rep_id),
        "minutes": "" if visit.minutes is None else str(visit.minutes),
        "next_step_due": visit.next_step_due.isoformat() if visit.next_step_due else "",
    }


def _details(values: Values) -> dict[str, Any]:
    """Return values as fields of `VisitInput`."""
    details: dict[str, Any] = {key: values[key] for key in _TEXTS if key in values}
    if "happened_at" in values:
        details["happened_at"] = datetime.fromisoformat(values["happened_at"])
    if "minutes" in values:
        details["minutes"] = int(values["minutes"]) if values["minutes"] else None
    if "next_step_due" in values:
        details["next_step_due"] = (
            date.fromisoformat(values["next_step_due"]) if values["next_step_due"] else None
        )
    return details


def _create(values: Values, about: str) -> UUID:
    rep = Membership.objects.select_related("user").get(pk=values["rep"])
    past = PastVisit(partner=Partner.objects.get(pk=about), rep=rep, details=VisitInput(**_details(values)))
    return service.log_past_visits(visits=[past])[0].pk


def _visit(visit_id: UUID) -> Visit:
    visit = Visit.objects.filter(pk=visit_id).first()
    if visit is None:
        raise Refused("This visit does not exist any more.", code="not_found")
    return visit


def _update(visit_id: UUID, changed: Values, said: Values) -> None:
    del said
    visit = _visit(visit_id)
    kept = VisitInput(**{name: getattr(visit, name) for name in VisitInput.__dataclass_fields__})
    service.change_visit(visit=visit, details=VisitInput(**{**asdict(kept), **_details(changed)}))


def _restore(visit_id: UUID, changes: Mapping[str, Change], said: Values) -> None:
    _update(visit_id, {key: old for key, (old, _) in changes.items()}, said)


def _remove(visit_id: UUID) -> None:
    service.remove_visit(visit=_visit(visit_id), by=None)


def _present(ids: Collection[UUID]) -> Mapping[UUID, Values]:
    return {visit.pk: _values(visit) for visit in Visit.objects.filter(pk__in=ids)}


def _depends(ids: Collection[UUID]) -> Mapping[UUID, str]:
    rows = Visit.objects.filter(pk__in=ids)
    with_insights = rows.filter(insights__isnull=False).values_list("pk", flat=True)
    with_budgets = rows.filter(budget_updates__isnull=False).values_list("pk", flat=True)
    return dict.fromkeys([*with_insights, *with_budgets], "an insight or a budget update")


KINDS = [
    Kind(
        key="visits",
        nouns=lambda: ("past visit", "past visits"),
        summary="A history of visits and calls, as if logged when they happened.",
        rights=(Right.IMPORT_RUN, Right.ACTIVITY_MANAGE),
        columns=(
            Column(
                key="happened_at", label="When", type=Type.MOMENT, headings=("date", "datetime", "visited", "day", "visitdate"),
                needed=True,
            ),
            Column(
                key="rep", label="Rep", type=Type.ROW, headings=("representative", "salesrep", "owner", "liaison"),
                rows=members_meant, needed=True,
            ),
            Column(
                key="channel", label="How", type=Type.CHOICE, headings=("channel", "type"),
                choices=lambda: dict(Channel.choices), needed=True,
            ),
            Column(
                key="purpose", label="Purpose", type=Type.CHOICE, headings=("reason", "why"),
                choices=lambda: dict(Purpose.choices), needed=True,
            ),
            Column(key="minutes", label="Minutes", type=Type.WHOLE, headings=("duration", "length")),
            Column(key="learned", label="Learned", type=Type.LONG, headings=("notes", "note", "comment", "summary")),
            Column(key="next_step", label="Next step", headings=("followup", "todo", "nextsteps")),
            Column(key="next_step_due", label="Due", type=Type.DAY, headings=("duedate", "followupdate")),
            *PARTNER_COLUMNS,
        ),
        clues=PARTNER_CLUES,
        picker="partners",
        is_about=True,
        order=70,
        find=_find,
        create=_create,
        update=_update,
        restore=_restore,
        remove=_remove,
        present=_present,
        depends=_depends,
    ),
]  # fmt: skip
