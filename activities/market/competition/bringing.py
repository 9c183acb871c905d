"""Insights from a list (`prm.bringing`)."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from decimal import Decimal
from uuid import UUID

from activities.checks import check_day, checked_amount
from activities.market.competition import service
from activities.market.competition.models import LONGEST_CLAIM, Insight
from activities.market.competition.service import InsightInput
from activities.market.competition.states import Confidence, Outcome, Source
from activities.market.names.models import Differentiator
from orders.catalogue.models import Product
from orders.catalogue.queries import products_meant
from partners.directory.models import Partner
from partners.evidence.columns import PARTNER_CLUES, PARTNER_COLUMNS, find_owners
from partners.evidence.members import members_meant
from prm.accounts.models import Membership
from prm.accounts.rights import Right
from prm.bringing import Change, Column, Kind, Match, Row, Type, Values
from prm.core.errors import Refused
from prm.core.money import ISO_4217
from prm.tenancy.base import id_for
from prm.tenancy.context import current_tenant


def _find(rows: Sequence[Row]) -> Sequence[Match]:
    return find_owners(rows, _at_partners)


def _at_partners(rows: Sequence[tuple[Row, str, str]]) -> list[Match]:
    """Return which insights rows repeat: of the same competitor, day and outcome (one query)."""
    rows_here = Insight.objects.filter(partner_id__in={about for _, about, _ in rows}).select_related(
        "competitor", "noted_as"
    )
    # A list that says a name that was merged since, or the name it was merged into, means the same insight.
    known = {
        (str(one.partner_id), name.casefold(), one.happened_on.isoformat(), one.outcome): one
        for one in rows_here
        for name in {one.competitor.name, (one.noted_as or one.competitor).name}
    }
    return [_match(row, about, reason, known) for row, about, reason in rows]


def _match(row: Row, about: str, reason: str, known: Mapping[tuple[str, str, str, str], Insight]) -> Match:
    said = row.values
    key = (about, said.get("competitor", "").casefold(), said.get("happened_on", ""), said.get("outcome", ""))
    one = known.get(key)
    if one is None:
        return Match(about=about, reason=reason, keys=(":".join(key),), name=said.get("competitor", ""))
    if said.get("rep", str(one.rep_id)) != str(one.rep_id):
        return Match(problem="Another rep noted this insight, which a list does not change.", field="rep")
    return Match(
        target=str(one.pk), name=f"{one.competitor}, {one}", by="competitor and day", about=about, reason=reason,
        keys=(":".join(key),), current=_values(one) | {"competitor": said["competitor"], "rep": said.get("rep", "")},
    )  # fmt: skip


def _values(one: Insight) -> dict[str, str]:
    return {
        "competitor": one.competitor.name,
        "outcome": one.outcome,
        "happened_on": one.happened_on.isoformat(),
        "note": one.note,
        "claim": one.claim,
        "currency": one.currency or (current_tenant().currency if one.amount is not None else ""),
        "product": str(one.product_id or ""),
        "source": one.source,
        "confidence": one.confidence,
        "amount": "" if one.amount is None else format(one.amount, "f"),
    }


def _input(values: Values, *, kept: Insight | None = None) -> InsightInput:
    return InsightInput(
        competitor=values["competitor"],
        outcome=values["outcome"],
        happened_on=date.fromisoformat(values["happened_on"]),
        note=values.get("note", ""),
        amount=Decimal(values["amount"]) if values.get("amount") else None,
        claim=values.get("claim", ""),
        currency=values.get("currency", "").upper(),
        product=Product.objects.filter(pk=values["product"]).first() if values.get("product") else None,
        source=values.get("source", ""),
        confidence=values.get("confidence", ""),
        differentiators=_reasons(kept) if kept else (),
        opportunity=kept.opportunity if kept else None,
    )


def _reasons(kept: Insight) -> list[Differentiator]:
    """Return what decided, under the names it was noted under."""
    rows = kept.differentiators.select_related("differentiator", "noted_as")
    return [one.noted_as or one.differentiator for one in rows]


def _check(values: Values) -> None:
    check_day(date.fromisoformat(values["happened_on"]), "happened_on", past_only=True)
    if values.get("amount"):
        checked_amount(Decimal(values["amount"]))
    if values.get("currency") and values["currency"].upper() not in ISO_4217:
        raise Refused(
            f"“{values['currency']}” is no currency. Write a code such as EUR.",
            field="currency",
            code="invalid",
        )


def _create(values: Values, about: str) -> UUID:
    rep = Membership.objects.filter(pk=values["rep"]).first() if values.get("rep") else None
    names = (about, values["competitor"].casefold(), values["happened_on"], values["outcome"])
    return service.add_insight(
        partner=Partner.objects.get(pk=about),
        rep=rep,
        insight=_input(values),
        insight_id=id_for(Insight, "insight", *names),
    ).pk


def _insight(insight_id: UUID) -> Insight:
    one = Insight.objects.with_details().filter(pk=insight_id).first()
    if one is None:
        raise Refused("This insight does not exist any more.", code="not_found")
    return one


def _update(insight_id: UUID, changed: Values, said: Values) -> None:
    del said
    one = _insight(insight_id)
    service.change_insight(insight=one, details=_input(_values(one) | dict(changed), kept=one))


def _restore(insight_id: UUID, changes: Mapping[str, Change], said: Values) -> None:
    _update(insight_id, {key: old for key, (old, _) in changes.items()}, said)


def _remove(insight_id: UUID) -> None:
    service.remove_insight(insight=_insight(insight_id))


def _present(ids: Collection[UUID]) -> Mapping[UUID, Values]:
    rows = Insight.objects.filter(pk__in=ids).select_related("competitor")
    # The name as the competitor is called by now says nothing of the insight.
    return {
        one.pk: {key: value for key, value in _values(one).items() if key != "competitor"} for one in rows
    }


KINDS = [
    Kind(
        key="insights",
        nouns=lambda: ("insight", "insights"),
        summary="What was heard of the competition: who won or lost what, when.",
        rights=(Right.IMPORT_RUN, Right.ACTIVITY_MANAGE),
        columns=(
            Column(key="competitor", label="Competitor", headings=("rival", "lostto", "wettbewerber", "mitbewerber", "konkurrent"), longest=120, needed=True),
            Column(
                key="outcome", label="Outcome", type=Type.CHOICE, headings=("result", "status", "ergebnis", "ausgang"),
                choices=lambda: dict(Outcome.choices), needed=True,
            ),
            Column(
                key="happened_on", label="Day", type=Type.DAY, headings=("date", "when", "heardon", "datum", "tag"), needed=True
            ),
            Column(key="amount", label="Amount", type=Type.NUMBER, headings=("value", "revenue")),
            Column(key="currency", label="Currency", headings=("currencycode", "waehrung", "währung"), longest=3),
            Column(
                key="product", label="Product or service", type=Type.ROW, headings=("product", "service", "line", "produkt", "leistung"), rows=products_meant
            ),
            Column(key="claim", label="What they say", headings=("claim", "theysay", "argument"), longest=LONGEST_CLAIM),
            Column(
                key="source", label="Who says so", type=Type.CHOICE, headings=("source", "quelle"), choices=lambda: dict(Source.choices)
            ),
            Column(
                key="confidence", label="How sure", type=Type.CHOICE, headings=("confidence", "sicherheit"), choices=lambda: dict(Confidence.choices)
            ),
            Column(key="note", label="Note", type=Type.LONG, headings=("notes", "comment", "text", "notiz", "bemerkung")),
            Column(
                key="rep", label="Rep", type=Type.ROW, headings=("representative", "salesrep", "owner"), rows=members_meant
            ),
            *PARTNER_COLUMNS,
        ),
        clues=PARTNER_CLUES,
        picker="partners",
        is_about=True,
        order=90,
        find=_find,
        create=_create,
        update=_update,
        restore=_restore,
        check=_check,
        remove=_remove,
        present=_present,
    ),
]  # fmt: skip
