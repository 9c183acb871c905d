"""Writes of opportunities and their budgets."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import TypeVar
from uuid import UUID

from django.db import IntegrityError, transaction

from activities.checks import check_day, check_people, checked_amount, choice, id_taken, own, text
from activities.market.budgets.models import BudgetUpdate, Opportunity, OpportunityOrder
from activities.market.budgets.products.models import OpportunityProduct
from activities.market.budgets.products.queries import Part
from activities.market.budgets.products.service import follow_amounts, put_back, split_opportunity
from activities.market.budgets.revising import (
    REVISED,
    Revision,
    check_untied,
    named,
    next_update,
    not_here,
    revise,
)
from activities.market.budgets.states import OpportunityState, Stage
from activities.market.names.models import Competitor
from activities.rights import may_change, require_opportunity, require_own_name
from orders.book.models import Order
from orders.catalogue.models import Product
from partners.directory.models import Partner
from prm.accounts.models import Membership
from prm.accounts.rights import Right
from prm.core import clock
from prm.core.errors import Refused
from prm.core.ids import uuid7
from prm.tenancy.audit import TenantEvent, bring_back, gone, was
from prm.tenancy.context import current_actor, current_tenant, order_nouns
from prm.tenancy.use_cases import requires


@dataclass(frozen=True, kw_only=True, slots=True)
class OpportunityInput:
    """Future business: its name, amount in the tenant's currency, day and stage; `products` where it is about several."""

    name: str
    amount: Decimal
    close_date: date
    stage: str = Stage.PROSPECTING
    currency: str = ""
    note: str = ""
    competitor: Competitor | None = None
    product: Product | None = None
    products: Sequence[Part] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class BudgetInput:
    """A new amount or day for an open opportunity; without ``opportunity`` a new one called ``name``."""

    opportunity: Opportunity | None = None
    name: str = ""
    amount: Decimal | None = None
    close_date: date | None = None
    note: str = ""


@requires(Right.ACTIVITY_WRITE, Right.ACTIVITY_MANAGE)
@transaction.atomic
def create_opportunity(
    *,
    partner: Partner,
    owner: Membership | None,
    details: OpportunityInput,
    opportunity_id: UUID | None = None,
    at: datetime | None = None,
) -> Opportunity:
    """Open an opportunity; its first budget row has no old values.

    The same ``opportunity_id`` for the same partner again gives the first result. ``at`` (default now)
    serves to take over a history. Raises Refused.
    """
    check_people(partner, owner)
    require_own_name(owner, "owner")
    if opportunity_id and (earlier := _sent_before(opportunity_id, partner)):
        return earlier
    try:
        with transaction.atomic():
            opportunity = _open(partner, owner, details, opportunity_id or uuid7(), at or clock.now())
    except IntegrityError:
        if opportunity_id and (earlier := _sent_before(opportunity_id, partner)):
            return earlier
        raise id_taken() from None
    return opportunity


def _sent_before(opportunity_id: UUID, partner: Partner) -> Opportunity | None:
    earlier = Opportunity.objects.filter(pk=opportunity_id).first()
    if earlier and earlier.partner_id != partner.pk:
        raise id_taken()
    return earlier


def _open(
    partner: Partner,
    owner: Membership | None,
    details: OpportunityInput,
    opportunity_id: UUID,
    at: datetime,
    visit_id: UUID | None = None,
) -> Opportunity:
    currency = current_tenant().currency
    if details.currency and details.currency != currency:
        raise Refused(
            f"Budgets are kept in {currency}; convert {details.currency} first.",
            field="currency",
            code="currency",
        )
    name = named(details.name)
    check_day(details.close_date, "close_date")
    opportunity = Opportunity.objects.create(
        id=opportunity_id,
        partner=partner,
        owner=owner,
        name=name,
        stage=choice(Stage, details.stage, "stage"),
        amount=checked_amount(details.amount),
        currency=currency,
        close_date=details.close_date,
        competitor=_ours(details.competitor, "competitor"),
        product=_ours(details.product, "product"),
        created_at=at,
    )
    BudgetUpdate.objects.create(
        opportunity=opportunity,
        new_amount=opportunity.amount,
        new_close=opportunity.close_date,
        note=text(details.note, "note"),
        visit_id=visit_id,
        by=owner,
        at=at,
    )
    if details.products:
        split_opportunity(opportunity=opportunity, parts=details.products)
    return opportunity


R = TypeVar("R", Competitor, Product)


def _ours(row: R | None, field: str) -> R | None:
    own(row, field)
    return row


@requires(Right.ACTIVITY_WRITE, Right.ACTIVITY_MANAGE)
@transaction.atomic
def say_what_for(
    *, opportunity: Opportunity, competitor: Competitor | None, product: Product | None
) -> Opportunity:
    """Say against whom an opportunity is, and what it is about; None for nobody and nothing. Raises Refused.

    One that is about several products stays so until one is said instead (`products.service.split_opportunity` says several).
    """
    require_opportunity(opportunity)
    opportunity.competitor = _ours(competitor, "competitor")
    opportunity.product = _ours(product, "product")
    opportunity.save(update_fields=["competitor", "product"])
    if product is not None and opportunity.parts.exists():
        split_opportunity(opportunity=opportunity, parts=[Part(product, opportunity.amount)])
    return opportunity


@requires(Right.ACTIVITY_WRITE, Right.ACTIVITY_MANAGE)
@transaction.atomic
def change_opportunity(*, opportunity: Opportunity, name: str, stage: str) -> Opportunity:
    """Rename an opportunity or move its stage. Raises Refused."""
    require_opportunity(opportunity)
    opportunity.name, opportunity.stage = named(name), choice(Stage, stage, "stage")
    opportunity.save(update_fields=["name", "stage"])
    return opportunity


@requires(Right.ACTIVITY_WRITE, Right.ACTIVITY_MANAGE)
@transaction.atomic
def update_budget(
    *,
    opportunity: Opportunity,
    by: Membership | None,
    amount: Decimal | None = None,
    close_date: date | None = None,
    note: str = "",
    update_id: UUID | None = None,
    at: datetime | None = None,
) -> BudgetUpdate | None:
    """Change amount or day of an open opportunity by adding a row; None when nothing would change.

    The same ``update_id`` again gives the first result. Raises Refused for a closed opportunity.
    """
    require_opportunity(opportunity)
    if update_id and (earlier := BudgetUpdate.objects.filter(pk=update_id).first()):
        if earlier.opportunity_id != opportunity.pk or _says_other(earlier, amount, close_date, note):
            raise id_taken()
        return earlier
    budget = BudgetInput(opportunity=opportunity, amount=amount, close_date=close_date, note=note)
    try:
        with transaction.atomic():
            return _change(opportunity, by, budget, at or clock.now(), update_id=update_id)
    except IntegrityError:
        raise id_taken() from None


def _says_other(kept: BudgetUpdate, amount: Decimal | None, close_date: date | None, note: str) -> bool:
    """Whether a row that is sent again under its id would have to be another one."""
    figures = (amount, kept.new_amount), (close_date, kept.new_close)
    return any(sent is not None and sent != was for sent, was in figures) or note.strip() != kept.note


@requires(Right.ACTIVITY_WRITE, Right.ACTIVITY_MANAGE)
def keep_budget(*, partner: Partner, by: Membership, budget: BudgetInput, visit_id: UUID) -> None:
    """Save the budget part of a visit inside the caller's transaction."""
    require_own_name(by)
    if budget.opportunity is None:
        if budget.amount is None or budget.close_date is None:
            field = "amount" if budget.amount is None else "close_date"
            raise Refused("A new opportunity needs an amount and a date.", field=field, code="required")
        details = OpportunityInput(name=budget.name, amount=budget.amount, close_date=budget.close_date)
        _open(partner, by, details, uuid7(), clock.now(), visit_id)
        return
    if budget.opportunity.partner_id != partner.pk:
        raise Refused("This opportunity is with another partner.", field="opportunity", code="other_partner")
    require_opportunity(budget.opportunity)
    _change(budget.opportunity, by, budget, clock.now(), visit_id=visit_id)


def _change(
    opportunity: Opportunity,
    by: Membership | None,
    budget: BudgetInput,
    at: datetime,
    *,
    visit_id: UUID | None = None,
    update_id: UUID | None = None,
    reverses: BudgetUpdate | None = None,
) -> BudgetUpdate | None:
    locked = Opportunity.objects.select_for_update().filter(pk=opportunity.pk).first()
    update = next_update(locked, by, at, amount=budget.amount, close_date=budget.close_date, note=budget.note)
    if locked is None or update is None:
        return None
    update.id, update.visit_id, update.reverses = update_id or update.id, visit_id, reverses
    if update.old_amount != update.new_amount:
        update.parts_before = follow_amounts({locked.pk: locked.amount}).get(locked.pk, {})
    update.save(force_insert=True)
    locked.save(update_fields=["amount", "close_date", "asked_at"])
    opportunity.amount, opportunity.close_date = locked.amount, locked.close_date
    return update


@requires(Right.ACTIVITY_WRITE, Right.ACTIVITY_MANAGE)
@transaction.atomic
def revise_opportunities(revisions: Mapping[UUID, Revision], *, note: str = "") -> None:
    """Change many opportunities, each by its own revision; a fixed number of queries. Raises Refused and changes none.

    What is open again and changed keeps the rules of what is open; what is closed is closed after its last change.
    """
    rows = Opportunity.objects.select_for_update(of=("self",), no_key=True).select_related("partner")
    found = rows.filter(pk__in=revisions).order_by("pk").in_bulk()
    updates, at = [], clock.now()
    for pk, revision in revisions.items():
        if pk not in found:
            raise not_here()
        updates.append(revise(found[pk], revision, note, at))
    made = [update for update in updates if update is not None]
    moved = {one.opportunity_id: one.new_amount for one in made if one.old_amount != one.new_amount}
    before = follow_amounts(moved) if moved else {}
    for one in made:
        one.parts_before = before.get(one.opportunity_id, {})
    BudgetUpdate.objects.bulk_create(made)
    Opportunity.objects.bulk_update(found.values(), REVISED)


@requires(Right.ACTIVITY_WRITE, Right.ACTIVITY_MANAGE)
@transaction.atomic
def reverse_budget(*, update: BudgetUpdate, by: Membership | None) -> BudgetUpdate:
    """Take the last budget update back by adding the reverse row.

    Raises Refused when the opportunity was changed since, or began with this row.
    """
    reverse = take_back(update=update, by=by)
    if reverse is None:
        raise Refused("The budget has been changed since. Enter the right amount.", code="changed_since")
    return reverse


@requires(Right.ACTIVITY_WRITE, Right.ACTIVITY_MANAGE)
def take_back(*, update: BudgetUpdate, by: Membership | None) -> BudgetUpdate | None:
    """Undo a budget row inside the caller's transaction if it is still the last one; None if it stands.

    An opportunity of which this is the only row is deleted: it began here. Whoever wrote the row may do so,
    and whoever keeps the opportunity.
    """
    if not (update.by_id and may_change(update.by_id)):
        require_opportunity(update.opportunity)
    opportunity = update.opportunity
    last = opportunity.budget_updates.order_by("-at", "-id").first()
    if last is None or last.pk != update.pk or not opportunity.is_open:
        return None
    if update.old_amount is None:
        opportunity.delete()
        return None
    back = BudgetInput(opportunity=opportunity, amount=update.old_amount, close_date=update.old_close)
    reverse = _change(opportunity, by, back, clock.now(), reverses=update)
    if update.parts_before:
        put_back(opportunity, update.parts_before)
    return reverse


@requires(Right.ACTIVITY_WRITE, Right.ACTIVITY_MANAGE)
def restore_budgets(*, partner_id: UUID, visit_id: UUID, at: datetime, by: Membership | None) -> int:
    """Bring back what a visit changed in budgets before it was taken back `at` that moment.

    Inside the caller's transaction, after the visit itself is there again. Opportunities that began with it
    come back as they were. Return how many budgets stay as they are, because they were changed since.
    """
    for event in gone(Opportunity).filter(partner_id=partner_id, pgh_created_at=at):
        began = gone(BudgetUpdate).filter(opportunity_id=event.pgh_obj_id, visit_id=visit_id)
        if began.exists():
            _restore_opportunity(event)
    loose = BudgetUpdate.objects.filter(opportunity__partner_id=partner_id, visit=None).values("pk")
    events = BudgetUpdate.pgh_event_model.objects  # type: ignore[attr-defined]  # set by @audited
    its = events.filter(pgh_label="insert", pgh_obj_id__in=loose, visit_id=visit_id).values("pgh_obj_id")
    return sum(
        not _restore_update(update, visit_id, at, by)
        for update in BudgetUpdate.objects.filter(pk__in=its)
        .select_related("opportunity__partner")
        .order_by("at", "id")
    )


def _restore_opportunity(event: TenantEvent) -> None:
    opportunity = bring_back(was(Opportunity, event))
    require_opportunity(opportunity)
    updates = gone(BudgetUpdate).filter(opportunity_id=opportunity.pk, pgh_created_at=event.pgh_created_at)
    for update in updates.order_by("at", "id"):
        bring_back(was(BudgetUpdate, update))
    parts = gone(OpportunityProduct).filter(
        opportunity_id=opportunity.pk, pgh_created_at=event.pgh_created_at
    )
    for part in parts:
        bring_back(was(OpportunityProduct, part))


def _restore_update(update: BudgetUpdate, visit_id: UUID, at: datetime, by: Membership | None) -> bool:
    """Tie an update to its visit again; its amount counts again unless the budget was changed since."""
    update.visit_id = visit_id
    update.save(update_fields=["visit"])
    events = BudgetUpdate.pgh_event_model.objects  # type: ignore[attr-defined]  # set by @audited
    then = events.filter(pgh_label="insert", pgh_created_at=at).values("pgh_obj_id")
    reverse = update.reversed_by.filter(pk__in=then).select_related("opportunity__partner").first()
    return reverse is None or take_back(update=reverse, by=by) is not None


@requires(Right.ACTIVITY_WRITE, Right.ACTIVITY_MANAGE)
@transaction.atomic
def close_opportunity(*, opportunity: Opportunity, state: str, at: datetime | None = None) -> Opportunity:
    """Mark an opportunity won or lost. Raises Refused when it is closed already: nothing is won twice."""
    require_opportunity(opportunity)
    if state not in {OpportunityState.WON, OpportunityState.LOST}:
        raise Refused("Choose one of: won, lost.", field="state", code="invalid_choice")
    locked = Opportunity.objects.select_for_update().get(pk=opportunity.pk)
    if not locked.is_open:
        then = "" if locked.state == state else " Open it again first."
        raise Refused(
            f"“{locked.name}” is {locked.get_state_display().lower()} already.{then}",
            field="state",
            code="closed",
        )
    locked.state, locked.closed_at, locked.asked_at = state, at or clock.now(), None
    locked.save(update_fields=["state", "closed_at", "asked_at"])
    return locked


@requires(Right.ACTIVITY_WRITE, Right.ACTIVITY_MANAGE)
@transaction.atomic
def reopen_opportunity(*, opportunity: Opportunity) -> Opportunity:
    """Take won or lost back. Raises Refused while orders are tied to it: their money would count nowhere."""
    require_opportunity(opportunity)
    check_untied(opportunity)
    opportunity.state, opportunity.closed_at = OpportunityState.OPEN, None
    opportunity.save(update_fields=["state", "closed_at"])
    return opportunity


@requires(Right.ACTIVITY_WRITE, Right.ACTIVITY_MANAGE)
@transaction.atomic
def confirm_budget(*, opportunity: Opportunity, by: Membership | None) -> BudgetUpdate:
    """Say that amount and day still hold: a row that changes neither, and the question is answered. Raises Refused."""
    require_opportunity(opportunity)
    locked = Opportunity.objects.select_for_update().get(pk=opportunity.pk)
    if not locked.is_open:
        raise Refused(f"“{locked.name}” is {locked.get_state_display().lower()} already.", code="closed")
    locked.asked_at = None
    locked.save(update_fields=["asked_at"])
    return BudgetUpdate.objects.create(
        opportunity=locked,
        old_amount=locked.amount,
        new_amount=locked.amount,
        old_close=locked.close_date,
        new_close=locked.close_date,
        by=by,
    )


@requires(Right.ACTIVITY_MANAGE)
@transaction.atomic
def ask_about(*, opportunities: Sequence[Opportunity]) -> int:
    """Ask the owners of open opportunities whether amount and day still hold; return how many people are asked.

    The question stands on their *Today* until they answer. Who was asked already is not asked anew.
    """
    ids = [one.pk for one in opportunities]
    rows = Opportunity.objects.open().filter(pk__in=ids, asked_at=None).exclude(owner=None)
    people = rows.order_by().values("owner").distinct().count()
    rows.update(asked_at=clock.now())
    return people


@requires(Right.ACTIVITY_WRITE, Right.ACTIVITY_MANAGE)
@transaction.atomic
def tie_orders(*, opportunity: Opportunity, orders: Sequence[Order]) -> int:
    """Say which orders fulfilled a won opportunity, and none but these; return how many they are.

    An order fulfils one opportunity at most. Raises Refused for one that is not won, orders of another partner, or orders
    that are tied already.
    """
    require_opportunity(opportunity)
    locked = Opportunity.objects.select_for_update().get(pk=opportunity.pk)
    if locked.state != OpportunityState.WON:
        raise Refused(
            f"“{locked.name}” is not won: {order_nouns()[1]} are tied to what was won.",
            field="orders",
            code="not_won",
        )
    wanted = {one.pk: one for one in orders}
    for one in wanted.values():
        own(one, "orders")
        if one.partner_id != locked.partner_id:
            raise Refused(f"Order {one.number} is another partner’s.", field="orders", code="other_partner")
    taken = OpportunityOrder.objects.filter(order__in=wanted).exclude(opportunity=locked).first()
    if taken is not None:
        number = wanted[taken.order_id].number
        raise Refused(
            f"Order {number} is tied to another opportunity and counts there.", field="orders", code="tied"
        )
    locked.fulfilled_by.exclude(order__in=wanted).delete()
    present = set(locked.fulfilled_by.values_list("order_id", flat=True))
    label = current_actor().label
    OpportunityOrder.objects.bulk_create(
        [
            OpportunityOrder(opportunity=locked, order=one, tied_by=label)
            for pk, one in wanted.items()
            if pk not in present
        ]
    )
    return len(wanted)
