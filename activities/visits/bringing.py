"""Past visits from a list (`prm.bringing`): a history that is taken over."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, date, datetime
from typing import Any, Final
from uuid import UUID

from activities.checks import check_moment
from activities.visits import service
from activities.visits.models import Visit
from activities.visits.service import PastVisit, VisitInput
from activities.visits.states import Channel, Purpose
from partners.contacts.models import Contact
from partners.contacts.queries import contacts_named
from partners.directory.models import Partner
from partners.evidence.columns import PARTNER_CLUES, PARTNER_COLUMNS, find_owners
from partners.evidence.members import members_meant
from prm.accounts.models import Membership
from prm.accounts.rights import Right
from prm.bringing import Change, Column, Kind, Match, Row, Type, Values
from prm.core.errors import Refused
from prm.ownfields import columns as own

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
        )
        .select_related("rep__user", "met")
        .prefetch_related("own_values")
    }
    met = contacts_named([(about, row.values.get("met", "")) for row, about, _ in rows])
    found = []
    for row, about, reason in rows:
        said = row.values.get("met", "")
        if problem := _not_met(said, met.get((about, said), ())):
            found.append(Match(problem=problem, field="met", about=about))
            continue
        key = (about, row.values.get("rep", ""), row.values.get("happened_at", ""))
        visit = known.get(key)
        if visit is None:
            found.append(Match(about=about, reason=reason, keys=(":".join(key),)))
            continue
        found.append(
            Match(
                target=str(visit.pk), name=str(visit), by="rep and time", about=about, reason=reason, keys=(":".join(key),),
                current=_values(visit) | _met_now(visit, said, met.get((about, said), ())), names={str(visit.rep_id): str(visit.rep.user)},
            )
        )  # fmt: skip
    return found


def _not_met(said: str, found: Sequence[Contact]) -> str:
    """Return why nobody, or nobody alone, is meant by a name; "" where it is plain or none is given."""
    if not said or len(found) == 1:
        return ""
    if found:
        return f"{len(found)} contacts there are called {said}. Give one of them another name first."
    return f"No contact there is called {said}. Bring the contacts first, then this row again."


def _met_now(visit: Visit, said: str, found: Sequence[Contact]) -> dict[str, str]:
    """Return whom a visit was with, as its row writes the same person."""
    if visit.met is None:
        return {"met": ""}
    return {"met": said if found and found[0].pk == visit.met_id else visit.met.name}


def _moment(visit: Visit) -> str:
    return visit.happened_at.astimezone(UTC).isoformat()


def _values(visit: Visit) -> dict[str, str]:
    values = {key: str(getattr(visit, key)) for key in _TEXTS}
    return values | {
        "happened_at": _moment(visit),
        "rep": str(visit.rep_id),
        "minutes": "" if visit.minutes is None else str(visit.minutes),
        "next_step_due": visit.next_step_due.isoformat() if visit.next_step_due else "",
        "met": visit.met.name if visit.met else "",
        **own.present_in("visit", visit),
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
    met = _met_in(contacts_named([(about, values.get("met", ""))]), about, values)
    details = VisitInput(**_details(values) | met)
    past = PastVisit(partner=Partner.objects.get(pk=about), rep=rep, details=details, own=own.own_of(values))
    return service.log_past_visits(visits=[past])[0].pk


def _visit(visit_id: UUID) -> Visit:
    visit = Visit.objects.filter(pk=visit_id).first()
    if visit is None:
        raise Refused("This visit does not exist any more.", code="not_found")
    return visit


def _create_many(rows: Sequence[tuple[Values, str]]) -> list[UUID]:
    """Keep many visits; partners, reps and whom they met are read once."""
    reps = {
        str(one.pk): one
        for one in Membership.objects.select_related("user").filter(pk__in={v["rep"] for v, _ in rows})
    }
    partners = {str(pk): one for pk, one in Partner.objects.in_bulk([about for _, about in rows]).items()}
    met = contacts_named([(about, values.get("met", "")) for values, about in rows])
    past = []
    for values, about in rows:
        if about not in partners or values["rep"] not in reps:
            raise Refused("This partner, or this rep, does not exist any more.", code="not_found")
        details = VisitInput(**_details(values) | _met_in(met, about, values))
        partner, rep = partners[about], reps[values["rep"]]
        past.append(PastVisit(partner=partner, rep=rep, details=details, own=own.own_of(values)))
    return [visit.pk for visit in service.log_past_visits(visits=past)]


def _met_in(
    met: Mapping[tuple[str, str], Sequence[Contact]], about: str, values: Values
) -> dict[str, UUID | None]:
    """Return whom a visit was with as a field of `VisitInput`; nothing where its row does not say."""
    if "met" not in values:
        return {}
    found = met.get((about, values["met"]), ())
    return {"met_id": found[0].pk if found else None}


def _update(visit_id: UUID, changed: Values, said: Values) -> None:
    del said
    visit = _visit(visit_id)
    kept = VisitInput(**{name: getattr(visit, name) for name in VisitInput.__dataclass_fields__})
    about = str(visit.partner_id)
    met = _met_in(contacts_named([(about, changed.get("met", ""))]), about, changed)
    details = VisitInput(**{**asdict(kept), **_details(changed), **met})
    service.change_visit(visit=visit, details=details, own=own.own_of(changed))


def _restore(visit_id: UUID, changes: Mapping[str, Change], said: Values) -> None:
    _update(visit_id, {key: old for key, (old, _) in changes.items()}, said)


def _remove(visit_id: UUID) -> None:
    service.remove_visit(visit=_visit(visit_id), by=None)


def _present(ids: Collection[UUID]) -> Mapping[UUID, Values]:
    visits = Visit.objects.filter(pk__in=ids).select_related("met").prefetch_related("own_values")
    return {visit.pk: _values(visit) for visit in visits}


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
                key="happened_at", label="When", type=Type.MOMENT, headings=("date", "datetime", "visited", "day", "visitdate", "datum", "besuchsdatum", "besuch"),
                needed=True,
            ),
            Column(
                key="rep", label="Rep", type=Type.ROW, headings=("representative", "salesrep", "owner", "liaison", "betreuer", "außendienst", "vertreter"),
                rows=members_meant, needed=True,
            ),
            Column(
                key="channel", label="How", type=Type.CHOICE, headings=("channel", "type", "kanal", "art"),
                choices=lambda: dict(Channel.choices), needed=True,
            ),
            Column(
                key="purpose", label="Purpose", type=Type.CHOICE, headings=("reason", "why", "zweck", "anlass", "grund"),
                choices=lambda: dict(Purpose.choices), needed=True,
            ),
            Column(key="minutes", label="Minutes", type=Type.WHOLE, headings=("duration", "length", "dauer", "minuten")),
            Column(key="learned", label="Learned", type=Type.LONG, headings=("notes", "note", "comment", "summary", "notiz", "notizen", "bemerkung", "ergebnis")),
            Column(key="next_step", label="Next step", headings=("followup", "todo", "nextsteps", "nächsterschritt", "wiedervorlage")),
            Column(key="next_step_due", label="Due", type=Type.DAY, headings=("duedate", "followupdate", "fällig", "frist", "bis")),
            Column(
                key="met", label="Whom met",
                headings=("met", "contact", "contactname", "contactperson", "person", "ansprechpartner", "kontakt", "gesprächspartner"),
            ),
            *PARTNER_COLUMNS,
        ),
        more=lambda: own.columns_of("visit"),
        clues=PARTNER_CLUES,
        picker="partners",
        is_about=True,
        order=70,
        find=_find,
        create=_create,
        create_many=_create_many,
        update=_update,
        restore=_restore,
        check=lambda values: check_moment(datetime.fromisoformat(values["happened_at"])),
        remove=_remove,
        present=_present,
        depends=_depends,
    ),
]  # fmt: skip
