"""Opportunities with their budgets, and competition insights."""

from typing import Any
from uuid import UUID

from django.db.models import QuerySet, Sum
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.views.decorators.http import require_http_methods, require_POST

from activities.filters import InsightFilter, OpportunityPageFilter
from activities.forms import ChangeOpportunityForm, InsightPageForm, OpportunityForm
from activities.models import BudgetUpdate, Insight, Opportunity
from activities.permissions import (
    may_change,
    may_change_opportunity,
    require_change,
    require_opportunity,
)
from activities.services import (
    add_insight,
    change_insight,
    change_opportunity,
    close_opportunity,
    create_opportunity,
    remove_insight,
    reopen_opportunity,
    reverse_budget,
    update_budget,
)
from activities.states import OpportunityState
from activities.tables import InsightTable, OpportunityTable
from activities.timeline import budget_change, person
from activities.views.choose import asked_partner, choose_partner
from activities.views.visits import stay_url
from prm.tenancy.context import current_tenant
from prm.tenancy.errors import Refused
from prm.tenancy.http import TenantRequest
from prm.tenancy.models import Role
from prm.tenancy.permissions import Right, page_requires
from prm.ui.formatting import day, money, money_short
from prm.ui.http import invalid, saved
from prm.ui.lists import Empty, ListPage
from prm.ui.timeline import Item
from prm.ui.toasts import toast

SHOWN = {"open": "Open", "won": "Won", "lost": "Lost", "all": "All"}


def _url(name: str, **kwargs: Any) -> str:
    return reverse(f"activities:{name}", kwargs={"tenant": current_tenant().slug, **kwargs})


def _nav(request: TenantRequest) -> str:
    """Where insights stand in the navigation: managers have their own item, reps reach them by the pipeline."""
    return "insights" if request.membership.role == Role.MANAGER else "opportunities"


# --- opportunities ------------------------------------------------------------------------------


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

    def get_queryset(self) -> QuerySet[Any]:
        """The opportunities of the state shown, with their last change."""
        rows = Opportunity.objects.with_last_change().select_related("partner", "owner__user")
        return rows if self.show == "all" else rows.filter(state=self.show)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Adds the tabs of the states."""
        return super().get_context_data(tabs=SHOWN.items(), show=self.show, **kwargs)

    def get_table_kwargs(self) -> dict[str, Any]:
        """The state has a column only where there are several."""
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
            _url("opportunity_add"),
            "Add opportunity",
            action_sheet=True,
        )

    def totals(self, queryset: QuerySet[Any]) -> str:
        """The expected sum of the filtered set."""
        total = queryset.order_by().aggregate(total=Sum("amount"))["total"]
        return f"{money_short(total, current_tenant())} expected" if total else ""


@page_requires(Right.ACTIVITY_WRITE)
@require_http_methods(["GET", "POST"])
def opportunity_add(request: TenantRequest) -> HttpResponse:
    """Open an opportunity."""
    partner = asked_partner(request)
    if partner is None and request.method == "GET":
        return choose_partner(request, "Add opportunity", "Whose is it?")
    form = OpportunityForm(request.POST or None, partner=partner)
    context = {
        "form": form,
        "partner": partner,
        "action": request.get_full_path(),
        "nav_key": "opportunities",
    }
    if request.method == "GET":
        return render(request, "activities/opportunity_add.html", context)
    if form.is_valid():
        data = form.cleaned_data
        try:
            made = create_opportunity(
                partner=data["partner"],
                owner=request.membership,
                details=form.details(),
                opportunity_id=data["opportunity_id"],
            )
        except Refused as error:
            form.refuse(error)
        else:
            words = f"{money(made.amount, made.currency)} for {day(made.close_date)}."
            toast(request, f"{made.name} added.", words)
            return saved(request, stay_url(request, _url("opportunities")))
    return invalid(request, "activities/opportunity_add.html", context)


@page_requires(Right.ACTIVITY_VIEW)
@require_http_methods(["GET", "POST"])
def opportunity(request: TenantRequest, pk: UUID) -> HttpResponse:
    """One opportunity with its history; POST corrects it and adds a budget update."""
    rows = Opportunity.objects.select_related("partner", "owner__user")
    found = get_object_or_404(rows, pk=pk)
    form = ChangeOpportunityForm(request.POST or None, initial=ChangeOpportunityForm.initial_of(found))
    if request.method == "GET":
        return render(request, "activities/opportunity.html", _opportunity_context(request, found, form))
    require_opportunity(request, found)
    if form.is_valid():
        try:
            return _change_opportunity(request, found, form.cleaned_data)
        except Refused as error:
            form.refuse(error)
    return invalid(request, "activities/opportunity.html", _opportunity_context(request, found, form))


def _change_opportunity(request: TenantRequest, found: Opportunity, data: dict[str, Any]) -> HttpResponse:
    update = update_budget(
        opportunity=found,
        by=request.membership,
        amount=data["amount"],
        close_date=data["close_date"],
        note=data["note"],
    )
    change_opportunity(opportunity=found, name=data["name"], stage=data["stage"])
    if update is None:
        toast(request, f"{found.name} saved.")
    else:
        title, figures = budget_change(update)
        toast(
            request,
            f"{title}.",
            f"{figures}. The score follows.",
            undo_url=_url("budget_reverse", pk=update.pk),
        )
    return saved(request, stay_url(request, _url("opportunity", pk=found.pk)))


def _opportunity_context(
    request: TenantRequest, found: Opportunity, form: ChangeOpportunityForm
) -> dict[str, Any]:
    updates = list(found.budget_updates.select_related("by__user").order_by("-at", "-id"))
    for update in updates:
        update.opportunity = found
    may = may_change_opportunity(request, found)
    last = updates[0].pk if updates and updates[0].old_amount is not None and may and found.is_open else None
    return {
        "opportunity": found,
        "form": form,
        "may_change": may,
        "action": request.get_full_path(),
        "nav_key": "opportunities",
        "history": [_history_item(update, undo=update.pk == last) for update in updates],
    }


def _history_item(update: BudgetUpdate, *, undo: bool) -> Item:
    title, figures = budget_change(update)
    who = person(update.by)
    words = f"{figures}. {who}" if who else figures
    return Item(
        icon="coin",
        title=title,
        when=day(update.at),
        text=f"{words}: “{update.note}”" if update.note else words,
        undo_url=_url("budget_reverse", pk=update.pk) if undo else "",
    )


@page_requires(Right.ACTIVITY_WRITE)
@require_POST
def opportunity_close(request: TenantRequest, pk: UUID) -> HttpResponse:
    """Mark won or lost (``state``), or open again."""
    found = get_object_or_404(Opportunity.objects.select_related("partner"), pk=pk)
    require_opportunity(request, found)
    state = request.POST.get("state", "")
    here = _url("opportunity", pk=pk)
    try:
        if state == "open":
            reopen_opportunity(opportunity=found)
            toast(request, f"{found.name} is open again.")
        else:
            close_opportunity(opportunity=found, state=state)
            undo = {"state": "open"}
            toast(
                request, f"{found.name} {state}.", undo_url=_url("opportunity_close", pk=pk), undo_fields=undo
            )
    except Refused as error:
        toast(request, error.message, kind="bad")
    return saved(request, stay_url(request, here))


@page_requires(Right.ACTIVITY_WRITE)
@require_POST
def budget_reverse(request: TenantRequest, pk: UUID) -> HttpResponse:
    """Take the last budget update back; the history keeps both rows."""
    update = get_object_or_404(BudgetUpdate.objects.select_related("opportunity__partner"), pk=pk)
    require_opportunity(request, update.opportunity)
    try:
        reverse_budget(update=update, by=request.membership)
    except Refused as error:
        toast(request, error.message, kind="bad")
    else:
        toast(request, "Budget taken back.", update.opportunity.name)
    return saved(request, stay_url(request, _url("opportunity", pk=update.opportunity_id)))


# --- insights -----------------------------------------------------------------------------------


@method_decorator(page_requires(Right.ACTIVITY_VIEW), name="dispatch")
class InsightList(ListPage):
    """What was observed of the competition, newest first."""

    table_class = InsightTable
    filterset_class = InsightFilter
    template_name = "activities/insights.html"
    nouns = ("insight", "insights")

    def get_queryset(self) -> QuerySet[Any]:
        """All insights with their details."""
        return Insight.objects.with_details()

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Adds the place in the navigation."""
        return super().get_context_data(nav_key=_nav(self.request), **kwargs)  # type: ignore[arg-type]

    def get_empty(self) -> Empty:
        """Why there are none."""
        return Empty(
            "No insight yet",
            "Here stands whom we lose to and win against, and because of what. Five decided cases make a win ratio.",
            "swords",
            _url("insight_add"),
            "Add insight",
            action_sheet=True,
        )


@page_requires(Right.ACTIVITY_WRITE)
@require_http_methods(["GET", "POST"])
def insight_add(request: TenantRequest) -> HttpResponse:
    """Add an insight on its own."""
    partner = asked_partner(request)
    if partner is None and request.method == "GET":
        return choose_partner(request, "Add insight", "Where did you hear it?")
    form = InsightPageForm(request.POST or None, partner=partner)
    context = {"form": form, "partner": partner, "action": request.get_full_path(), "nav_key": _nav(request)}
    if request.method == "GET":
        return render(request, "activities/insight_form.html", context)
    if form.is_valid():
        data = form.cleaned_data
        try:
            made = add_insight(
                partner=data["partner"],
                rep=request.membership,
                insight=form.insight(),
                insight_id=data["insight_id"],
            )
        except Refused as error:
            form.refuse(error)
        else:
            undo = _url("insight_remove", pk=made.pk)
            toast(request, "Insight saved.", "The score follows.", undo_url=undo)
            return saved(request, stay_url(request, _url("insights")))
    return invalid(request, "activities/insight_form.html", context)


@page_requires(Right.ACTIVITY_VIEW)
@require_http_methods(["GET", "POST"])
def insight(request: TenantRequest, pk: UUID) -> HttpResponse:
    """Read an insight; whoever logged it, or a manager, may correct it."""
    found = get_object_or_404(Insight.objects.with_details(), pk=pk)
    may = may_change(request, found.rep_id)
    form = InsightPageForm(request.POST or None, insight=found, partner=found.partner)
    context = {
        "form": form,
        "insight": found,
        "partner": found.partner,
        "may_change": may,
        "action": request.get_full_path(),
        "nav_key": _nav(request),
    }
    if request.method == "GET":
        return render(request, "activities/insight_form.html", context)
    require_change(request, found.rep_id)
    if form.is_valid():
        try:
            change_insight(insight=found, details=form.insight())
        except Refused as error:
            form.refuse(error)
        else:
            toast(request, "Insight corrected.", found.partner.name)
            return saved(request, stay_url(request, _url("insights")))
    return invalid(request, "activities/insight_form.html", context)


@page_requires(Right.ACTIVITY_WRITE)
@require_POST
def insight_remove(request: TenantRequest, pk: UUID) -> HttpResponse:
    """Take an insight back."""
    found = get_object_or_404(Insight.objects.select_related("partner"), pk=pk)
    require_change(request, found.rep_id)
    remove_insight(insight=found)
    toast(request, "Insight taken back.", found.partner.name)
    here = _url("insight", pk=pk)
    stay = stay_url(request, _url("insights"))
    return saved(request, _url("insights") if stay == here else stay)
