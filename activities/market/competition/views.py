"""Competition insights."""

from uuid import UUID

from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.decorators import method_decorator
from django.views.decorators.http import require_http_methods, require_POST

from activities.market.competition.filters import InsightFilter
from activities.market.competition.forms import InsightPageForm
from activities.market.competition.models import Insight
from activities.market.competition.service import add_insight, change_insight, remove_insight, restore_insight
from activities.market.competition.tables import InsightTable
from activities.rights import may_change, require_change
from partners.directory.models import Partner
from prm.accounts.http import TenantRequest
from prm.accounts.rights import Right, page_requires
from prm.core.urls import tenant_url
from prm.tenancy.audit import is_known
from prm.tenancy.context import current_tenant
from prm.ui.form_page import Done, act, form_page, leave
from prm.ui.http import stay_url
from prm.ui.lists import Empty, ListPage


@method_decorator(page_requires(Right.ACTIVITY_VIEW), name="dispatch")
class InsightList(ListPage):
    """What was observed of the competition, newest first."""

    table_class = InsightTable
    filterset_class = InsightFilter
    template_name = "activities/insights.html"
    nouns = ("insight", "insights")

    def get_queryset(self) -> QuerySet[Insight]:
        """All insights with their details."""
        return Insight.objects.with_details()

    def get_context_data(self, **kwargs: object) -> dict[str, object]:
        """Add the place in the navigation."""
        return super().get_context_data(nav_key="competition", **kwargs)

    def get_empty(self) -> Empty:
        """Why there are none."""
        return Empty(
            "No insight yet",
            "Here stands whom we lose to and win against, and because of what. Five decided cases make a win ratio.",
            "swords",
            tenant_url(current_tenant(), "activities:insight-add"),
            "Add insight",
            action_sheet=True,
        )


@page_requires(Right.ACTIVITY_WRITE)
@require_http_methods(["GET", "POST"])
def insight_add(request: TenantRequest, partner: Partner | None) -> HttpResponse:
    """Add an insight on its own."""
    form = InsightPageForm(request.POST or None, partner=partner)

    def save() -> Done:
        data = form.cleaned_data
        made = add_insight(
            partner=data["partner"],
            rep=request.membership,
            insight=form.insight(),
            insight_id=data["insight_id"],
        )
        stay = stay_url(request, _list_url(request))
        return Done(
            stay,
            "Insight saved.",
            "The score follows.",
            undo_url=tenant_url(request.tenant, "activities:insight-remove", pk=made.pk),
        )

    context = {"partner": partner, "action": request.get_full_path(), "nav_key": "competition"}
    return form_page(request, form, "activities/insight_form.html", context, save=save)


@page_requires(Right.ACTIVITY_VIEW)
@require_http_methods(["GET", "POST"])
def insight(request: TenantRequest, pk: UUID) -> HttpResponse:
    """Read an insight; whoever logged it, or a manager, may correct it."""
    found = get_object_or_404(Insight.objects.with_details(), pk=pk)
    if request.method == "POST":
        require_change(found.rep_id)
    form = InsightPageForm(request.POST or None, insight=found, partner=found.partner)

    def save() -> Done:
        change_insight(insight=found, details=form.insight())
        return Done(stay_url(request, _list_url(request)), "Insight corrected.", found.partner.name)

    context = {
        "insight": found,
        "partner": found.partner,
        "may_change": may_change(found.rep_id),
        "action": request.get_full_path(),
        "nav_key": "competition",
    }
    return form_page(request, form, "activities/insight_form.html", context, save=save)


@page_requires(Right.ACTIVITY_WRITE)
@require_POST
def insight_remove(request: TenantRequest, pk: UUID) -> HttpResponse:
    """Take an insight back."""
    found = get_object_or_404(Insight.objects.select_related("partner"), pk=pk)
    remove_insight(insight=found)
    here = tenant_url(request.tenant, "activities:insight", pk=pk)
    stay = stay_url(request, _list_url(request))
    next_url = _list_url(request) if stay == here else stay
    undo = tenant_url(request.tenant, "activities:insight-restore", pk=pk)
    return leave(request, Done(next_url, "Insight taken back.", found.partner.name, undo_url=undo))


@page_requires(Right.ACTIVITY_WRITE)
@require_POST
def insight_restore(request: TenantRequest, pk: UUID) -> HttpResponse:
    """Bring an insight back that was taken back: from the toast, or from the timeline however much later."""
    stay = stay_url(request, _list_url(request))
    if not is_known(Insight, pk):
        raise Http404

    def work() -> Done:
        insight = restore_insight(insight_id=pk)
        return Done(stay, "The insight is back.", insight.partner.name)

    return act(request, work, stay_url=stay, refused_title="The insight did not come back.")


def _list_url(request: TenantRequest) -> str:
    return tenant_url(request.tenant, "activities:insights")
