"""Opportunities from a list (`prm.bringing`): future business with an amount and a day."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from decimal import Decimal
from uuid import UUID

from activities.market.budgets import service
from activities.market.budgets.models import Opportunity
from activities.market.budgets.products.queries import Part, parts_of
from activities.market.budgets.products.service import split_opportunity
from activities.market.budgets.products.writing import parts_said, split_meant, split_text, wrong_sum
from activities.market.budgets.service import OpportunityInput
from activities.market.budgets.states import Stage
from partners.directory.models import Partner
from partners.evidence.columns import PARTNER_CLUES, PARTNER_COLUMNS, find_owners
from partners.evidence.members import members_meant
from prm.accounts.models import Membership
from prm.accounts.rights import Right
from prm.bringing import Change, Column, Kind, Match, Row, Type, Values
from prm.core.errors import Refused
from prm.core.numbers import plain
from prm.tenancy.base import id_for


def _find(rows: Sequence[Row]) -> Sequence[Match]:
    return find_owners(rows, _at_partners)


def _at_partners(rows: Sequence[tuple[Row, str, str]]) -> list[Match]:
    """Return which opportunities rows mean: those of the same name at their partners (two queries)."""
    theirs = Opportunity.objects.filter(partner_id__in={about for _, about, _ in rows})
    known = {
        (str(one.partner_id), one.name.casefold()): one
        for one in theirs.select_related("product__merged_into").order_by("created_at")
    }
    parts = parts_of([one.pk for one in known.values()])
    return [_match(row, about, reason, known, parts) for row, about, reason in rows]


def _match(
    row: Row,
    about: str,
    reason: str,
    known: Mapping[tuple[str, str], Opportunity],
    by_opportunity: Mapping[UUID, Sequence[Part]],
) -> Match:
    key = (about, row.values.get("name", "").casefold())
    one = known.get(key)
    if one is None:
        if problem := wrong_sum(row.values.get("products", ""), row.values.get("amount", "")):
            return Match(problem=problem, field="products")
        return Match(about=about, reason=reason, keys=(":".join(key),))
    parts = by_opportunity.get(one.pk, ())
    if row.values.get("owner", str(one.owner_id)) != str(one.owner_id):
        return Match(
            problem=f"{one.name} has another owner here, which a list does not change.", field="owner"
        )
    current = _values(one, parts) | {"name": row.values["name"], "owner": row.values.get("owner", "")}
    differs = {
        name
        for name in ("amount", "close_date", "stage", "products")
        if row.values.get(name, current[name]) != current[name]
    }
    if problem := wrong_sum(row.values.get("products", ""), row.values.get("amount", current["amount"])):
        return Match(problem=problem, field="products")
    if not one.is_open and differs:
        return Match(
            problem=f"{one.name} is {one.get_state_display().lower()} already and changes no more.",
            field="name",
        )
    return Match(
        target=str(one.pk), name=one.name, by="name", about=about, reason=reason, keys=(":".join(key),), current=current
    )  # fmt: skip


def _values(one: Opportunity, parts: Sequence[Part]) -> dict[str, str]:
    return {
        "name": one.name,
        "amount": plain(one.amount),
        "products": split_text(one, parts),
        "close_date": one.close_date.isoformat(),
        "stage": one.stage,
    }


def _create(values: Values, about: str) -> UUID:
    owner = Membership.objects.filter(pk=values["owner"]).first() if values.get("owner") else None
    details = OpportunityInput(
        name=values["name"],
        amount=Decimal(values["amount"]),
        close_date=date.fromisoformat(values["close_date"]),
        stage=values.get("stage") or Stage.PROSPECTING,
        products=parts_said(values.get("products", ""), Decimal(values["amount"])),
    )
    return service.create_opportunity(
        partner=Partner.objects.get(pk=about),
        owner=owner,
        details=details,
        opportunity_id=id_for(Opportunity, "opportunity", about, details.name.casefold()),
    ).pk


def _opportunity(opportunity_id: UUID) -> Opportunity:
    one = Opportunity.objects.select_related("partner").filter(pk=opportunity_id).first()
    if one is None:
        raise Refused("This opportunity does not exist any more.", code="not_found")
    return one


def _update(opportunity_id: UUID, changed: Values, said: Values) -> None:
    del said
    one = _opportunity(opportunity_id)
    if "stage" in changed:
        service.change_opportunity(opportunity=one, name=one.name, stage=changed["stage"])
    if "amount" in changed or "close_date" in changed:
        amount = Decimal(changed["amount"]) if "amount" in changed else None
        day = date.fromisoformat(changed["close_date"]) if "close_date" in changed else None
        service.update_budget(opportunity=one, by=None, amount=amount, close_date=day)
    if "products" in changed:
        split_opportunity(opportunity=one, parts=parts_said(changed["products"], one.amount))


def _restore(opportunity_id: UUID, changes: Mapping[str, Change], said: Values) -> None:
    _update(opportunity_id, {key: old for key, (old, _) in changes.items()}, said)


def _remove(opportunity_id: UUID) -> None:
    one = _opportunity(opportunity_id)
    updates = list(one.budget_updates.select_related("opportunity__partner")[:2])
    if len(updates) != 1:
        raise Refused(f"{one.name} has budget updates since.", code="in_use")
    service.take_back(update=updates[0], by=None)


def _present(ids: Collection[UUID]) -> Mapping[UUID, Values]:
    parts = parts_of(ids)
    rows = Opportunity.objects.select_related("product__merged_into").filter(pk__in=ids)
    return {one.pk: _values(one, parts.get(one.pk, ())) for one in rows}


def _depends(ids: Collection[UUID]) -> Mapping[UUID, str]:
    rows = Opportunity.objects.filter(pk__in=ids)
    found = dict.fromkeys(
        rows.filter(insights__isnull=False).values_list("pk", flat=True), "insights about it"
    )
    found |= dict.fromkeys(rows.exclude(state="open").values_list("pk", flat=True), "its being won or lost")
    changed = rows.filter(budget_updates__old_amount__isnull=False).values_list("pk", flat=True)
    return found | dict.fromkeys(changed, "budget updates")


KINDS = [
    Kind(
        key="opportunities",
        nouns=lambda: ("opportunity", "opportunities"),
        summary="Future business: its name, expected amount and day. A changed amount is a budget update.",
        rights=(Right.IMPORT_RUN, Right.ACTIVITY_MANAGE),
        columns=(
            Column(
                key="name", label="Name", headings=("opportunity", "opportunityname", "deal", "title", "bezeichnung", "chance", "projekt"), longest=120, needed=True
            ),
            Column(
                key="amount", label="Amount", type=Type.NUMBER, headings=("budget", "value", "expected", "betrag", "wert", "volumen"), needed=True
            ),
            Column(
                key="close_date", label="Expected by", type=Type.DAY, headings=("closedate", "close", "date", "due", "abschluss", "abschlussdatum", "datum"),
                needed=True,
            ),
            Column(
                key="stage", label="Stage", type=Type.CHOICE, headings=("phase",), choices=lambda: dict(Stage.choices)
            ),
            Column(
                key="products", label="Products", type=Type.ROW, headings=("product", "service", "services", "produkt", "produkte", "leistungen"), rows=split_meant
            ),
            Column(
                key="owner", label="Owner", type=Type.ROW, headings=("rep", "salesrep", "representative"), rows=members_meant
            ),
            *PARTNER_COLUMNS,
        ),
        clues=PARTNER_CLUES,
        picker="partners",
        is_about=True,
        order=80,
        find=_find,
        create=_create,
        update=_update,
        restore=_restore,
        remove=_remove,
        present=_present,
        depends=_depends,
    ),
]  # fmt: skip
