"""Opportunities with their budgets."""

from collections.abc import Sequence
from decimal import Decimal
from uuid import UUID

from django.db.models import QuerySet, Sum
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.decorators import method_decorator
from django.views.decorators.http import require_http_methods, require_POST

from activities.market.budgets.filters import OpportunityPageFilter
from activities.market.budgets.forms import ChangeOpportunityForm, OpportunityForm, OrdersForm
from activities.market.budgets.models import BudgetUpdate, Opportunity
from activities.market.budgets.presentation import budget_change
from activities.market.budgets.products.queries import Part, parts_of
from activities.market.budgets.products.service import split_opportunity
from activities.market.budgets.queries import may_fulfil
from activities.market.budgets.service import (
    change_opportunity,
    close_opportunity,
    confirm_budget,
    create_opportunity,
    reopen_opportunity,
    reverse_budget,
    say_what_for,
    tie_orders,
    update_budget,
)
from activities.market.budgets.states import OpportunityState
from activities.market.budgets.tables import OpportunityTable
from activities.rights import may_change_opportunity, require_opportunity
from partners.directory.models import Partner
from prm.accounts.http import TenantRequest
from prm.accounts.rights import Right, page_requires
from prm.core.urls import tenant_url
from prm.tenancy.context import current_tenant
from prm.ui.fields import Cleaned
from prm.ui.form_page import Done, act, form_page
from prm.ui.formatting import day, money, money_short, plural, short_name
from prm.ui.http import stay_url
from prm.ui.lists import Empty, ListPage
from prm.ui.parts import Item

MOST_OFFERED = 200
SHOWN = {"open": "Open", "won": "Won", "lost": "Lost", "all": "All"}
"""The tabs of the list."""


@method_decorator(page_requires(Right.ACTIVITY_VIEW), name="dispatch")
class OpportunityList(ListPage):
    """The pipeline: open opportunities by the day they are expected, and the closed ones."""

    table_class = OpportunityTable
    filterset_class = OpportunityPageFilter
    template_name = "activities/opportunities.html"
    nouns = ("opportunity", "opportunities")

    @property
    def show(self) -> str:
        """Which state is shown: open ones unless ``?show=`` says otherwise."""
        wanted = self.request.GET.get("show", "")
        return wanted if wanted in SHOWN else OpportunityState.OPEN

    def get_queryset(self) -> QuerySet[Opportunity]:
        """Show the opportunities of the state shown, with their last change."""
        rows = Opportunity.objects.with_last_change().select_related("partner", "owner__user")
        return rows if self.show == "all" else rows.filter(state=self.show)

    def get_context_data(self, **kwargs: object) -> dict[str, object]:
        """Add the tabs of the states."""
        return super().get_context_data(tabs=SHOWN.items(), show=self.show, **kwargs)

    def get_table_kwargs(self) -> dict[str, object]:
        """Leave the column of the state out where there is only one."""
        return super().get_table_kwargs() | ({} if self.show == "all" else {"exclude": ("state",)})

    def get_empty(self) -> Empty:
        """Why there is nothing in this state."""
        if self.show in {OpportunityState.WON, OpportunityState.LOST}:
            return Empty(
                f"Nothing {self.show} yet",
                "An open opportunity is marked won or lost on its page.",
                "target-arrow",
            )
        return Empty(
            "No open opportunity",
            "Here stands what you expect: an amount, a day, and how both change. It counts in the score.",
            "target-arrow",
            tenant_url(current_tenant(), "activities:opportunity-add"),
            "Add opportunity",
            action_sheet=True,
        )

    def totals(self, queryset: QuerySet[Opportunity]) -> str:
        """Show the expected sum of the filtered set, of one currency as all budgets are."""
        ours = queryset.filter(currency=current_tenant().currency).order_by()
        total = ours.aggregate(total=Sum("amount"))["total"]
        return f"{money_short(total, current_tenant())} expected" if total else ""


@page_requires(Right.ACTIVITY_WRITE)
@require_http_methods(["GET", "POST"])
def opportunity_add(request: TenantRequest, partner: Partner | None) -> HttpResponse:
    """Open an opportunity."""
    form = OpportunityForm(request.POST or None, partner=partner)

    def save() -> Done:
        data = form.cleaned_data
        made = create_opportunity(
            partner=data["partner"],
            owner=request.membership,
            details=form.details(),
            opportunity_id=data["opportunity_id"],
        )
        words = f"{money(made.amount, made.currency)} for {day(made.close_date)}."
        return Done(
            stay_url(request, tenant_url(request.tenant, "activities:opportunities")),
            f"{made.name} added.",
            words,
        )

    context = {"partner": partner, "action": request.get_full_path(), "nav_key": "opportunities"}
    return form_page(request, form, "activities/opportunity_add.html", context, save=save)


@page_requires(Right.ACTIVITY_VIEW)
@require_http_methods(["GET", "POST"])
def opportunity(request: TenantRequest, pk: UUID) -> HttpResponse:
    """One opportunity with its history; POST corrects it and adds a budget update."""
    found = get_object_or_404(
        Opportunity.objects.select_related("partner", "owner__user", "competitor", "product"), pk=pk
    )
    if request.method == "POST":
        require_opportunity(found)
    parts = parts_of([found.pk]).get(found.pk, [])
    form = ChangeOpportunityForm(request.POST or None, opportunity=found, parts=parts)
    return form_page(
        request,
        form,
        "activities/opportunity.html",
        lambda: _opportunity_context(request, found) | {"parts": parts},
        save=lambda: _change_opportunity(request, found, form.cleaned_data, form.parts(), parts),
    )


def _change_opportunity(
    request: TenantRequest, found: Opportunity, data: Cleaned, parts: Sequence[Part], before: Sequence[Part]
) -> Done:
    update = update_budget(
        opportunity=found,
        by=request.membership,
        amount=data["amount"],
        close_date=data["close_date"],
        note=data["note"],
    )
    change_opportunity(opportunity=found, name=data["name"], stage=data["stage"])
    say_what_for(opportunity=found, competitor=data["competitor"], product=data["product"])
    # Parts that were left as they were have followed the amount.
    if not data["product"] and _amounts(parts) != _amounts(before):
        split_opportunity(opportunity=found, parts=parts)
    stay = stay_url(request, tenant_url(request.tenant, "activities:opportunity", pk=found.pk))
    if update is None:
        return Done(stay, f"{found.name} saved.")
    title, figures = budget_change(update)
    undo = tenant_url(request.tenant, "activities:budget-reverse", pk=update.pk)
    return Done(stay, f"{title}.", f"{figures}. The score follows.", undo_url=undo)


def _amounts(parts: Sequence[Part]) -> dict[UUID, Decimal]:
    return {part.product.pk: part.amount for part in parts}


def _opportunity_context(request: TenantRequest, found: Opportunity) -> dict[str, object]:
    updates = list(found.budget_updates.select_related("by__user").order_by("-at", "-id"))
    for update in updates:
        update.opportunity = found
    may = may_change_opportunity(found)
    last = updates[0].pk if updates and updates[0].old_amount is not None and may and found.is_open else None
    return {
        "opportunity": found,
        "may_change": may,
        "action": request.get_full_path(),
        "nav_key": "opportunities",
        "tied": found.fulfilled_by.select_related("order").order_by("order__placed_at"),
        "history": [_history_item(update, undo=update.pk == last) for update in updates],
    }


def _history_item(update: BudgetUpdate, *, undo: bool) -> Item:
    title, figures = budget_change(update)
    who = short_name(str(update.by.user)) if update.by else ""
    words = f"{figures}. {who}" if who else figures
    return Item(
        icon="coin",
        title=title,
        when=day(update.at),
        text=f"{words}: “{update.note}”" if update.note else words,
        undo_url=tenant_url(current_tenant(), "activities:budget-reverse", pk=update.pk) if undo else "",
    )


@page_requires(Right.ACTIVITY_WRITE)
@require_POST
def opportunity_close(request: TenantRequest, pk: UUID) -> HttpResponse:
    """Mark won or lost (`state`), or open again."""
    found = get_object_or_404(Opportunity.objects.select_related("partner"), pk=pk)
    state = request.POST.get("state", "")
    stay = stay_url(request, tenant_url(request.tenant, "activities:opportunity", pk=pk))

    def work() -> Done:
        if state == "open":
            reopen_opportunity(opportunity=found)
            return Done(stay, f"{found.name} is open again.")
        close_opportunity(opportunity=found, state=state)
        again = tenant_url(request.tenant, "activities:opportunity-close", pk=pk)
        return Done(stay, f"{found.name} {state}.", undo_url=again, undo_fields={"state": "open"})

    return act(request, work, stay_url=stay)


@page_requires(Right.ACTIVITY_WRITE)
@require_POST
def budget_confirm(request: TenantRequest, pk: UUID) -> HttpResponse:
    """Say that amount and day still hold."""
    found = get_object_or_404(Opportunity.objects.select_related("partner"), pk=pk)
    stay = stay_url(request, tenant_url(request.tenant, "activities:opportunity", pk=pk))

    def work() -> Done:
        confirm_budget(opportunity=found, by=request.membership)
        return Done(stay, f"{found.name} still holds.")

    return act(request, work, stay_url=stay)


@page_requires(Right.ACTIVITY_WRITE)
@require_http_methods(["GET", "POST"])
def opportunity_orders(request: TenantRequest, pk: UUID) -> HttpResponse:
    """Say which orders fulfilled a won opportunity."""
    found = get_object_or_404(Opportunity.objects.select_related("partner"), pk=pk)
    if request.method == "POST":
        require_opportunity(found)
    offered = list(may_fulfil(found)[:MOST_OFFERED])
    tied = set(found.fulfilled_by.values_list("order_id", flat=True))
    form = OrdersForm(request.POST or None, offered=offered, initial={"orders": [str(pk) for pk in tied]})

    def save() -> Done:
        chosen = {UUID(one) for one in form.cleaned_data["orders"]}
        count = tie_orders(opportunity=found, orders=[one for one in offered if one.pk in chosen])
        here = tenant_url(request.tenant, "activities:opportunity", pk=pk)
        return Done(here, f"{plural(count, 'order')} tied.", "Their amounts count once, as orders.")

    context = {
        "opportunity": found,
        "offered": offered,
        "action": request.get_full_path(),
        "nav_key": "opportunities",
    }
    return form_page(request, form, "activities/opportunity_orders.html", context, save=save)


@page_requires(Right.ACTIVITY_WRITE)
@require_POST
def budget_reverse(request: TenantRequest, pk: UUID) -> HttpResponse:
    """Take the last budget update back; the history keeps both rows."""
    update = get_object_or_404(BudgetUpdate.objects.select_related("opportunity__partner"), pk=pk)
    stay = stay_url(request, tenant_url(request.tenant, "activities:opportunity", pk=update.opportunity_id))

    def work() -> Done:
        reverse_budget(update=update, by=request.membership)
        return Done(stay, "Budget taken back.", update.opportunity.name)

    return act(request, work, stay_url=stay)
