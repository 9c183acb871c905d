"""The partner list with its export, and one partner's page."""

from typing import Any
from uuid import UUID

from django.db.models import Prefetch, Q, QuerySet, Sum
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.decorators import method_decorator
from django.utils.functional import cached_property
from django.views.decorators.http import require_GET
from django_tables2.rows import BoundRow

from partners.alarms.queries import seen
from partners.alarms.words import false_words, watch_words
from partners.bulk.registry import BulkAction, actions_for
from partners.contacts.models import Contact
from partners.directory.models import Partner, PartnerQuerySet
from partners.merges.queries import survivor_of
from partners.pasted.queries import pasted
from partners.policy.queries import policy_in_force
from partners.profiles import columns, groups, page, parts
from partners.profiles.export import watch_of
from partners.profiles.filters import PartnerFilter, shows_all
from partners.profiles.tables import PartnerTable
from partners.reviews.words import review_words
from partners.saved.models import SavedView
from partners.saved.rules import canonical
from partners.share.models import ShareEstimate
from partners.share.queries import last_request
from partners.standing.models import Standing
from partners.standing.queries import orders_by_month
from partners.standing.words import proposal_sentence
from prm.accounts.http import TenantRequest
from prm.accounts.rights import Right, allows, page_requires
from prm.audit.pages import views as audit
from prm.audit.trail.rules import PER_PAGE
from prm.audit.trail.sql import Asked
from prm.core.calendar import add_months, month_start, today
from prm.core.urls import tenant_url
from prm.tenancy.context import order_nouns, orders_heading
from prm.ui.formatting import money_short
from prm.ui.http import go_on, in_sheet, is_htmx, is_live, unchanged
from prm.ui.lists import SWAP_TEMPLATE, Empty, ListPage
from prm.ui.toasts import toast

PART_LINES = 5
GROUPS = "partners/parts/groups.html"


def _list_queryset(request: TenantRequest) -> PartnerQuerySet:
    """Return everybody in the panel; with the filter "active" set, whoever it asks for; of a pasted column all."""
    partners = Partner.objects.with_standing().select_related("watch")
    return partners if shows_all(request.GET) else partners.active()


@method_decorator(page_requires(Right.PARTNER_VIEW), name="dispatch")
class PartnerList(ListPage):
    """All partners of the tenant; the panel is a filter."""

    table_class = PartnerTable
    filterset_class = PartnerFilter
    template_name = "partners/list.html"
    request: TenantRequest

    def get_queryset(self) -> QuerySet[Partner]:
        """See `_list_queryset`; with what chosen columns read."""
        return columns.annotated(_list_queryset(self.request), self.columns)

    def get_nouns(self) -> tuple[str, str]:
        """Show the tenant's own words."""
        tenant = self.request.tenant
        return tenant.partner_noun, tenant.partner_noun_plural

    def get_empty(self) -> Empty:
        """Say where partners come from."""
        one, many = self.get_nouns()
        return Empty(
            title=f"No {many} yet",
            text=f"They come with the first file of {order_nouns()[1]}, or are added one by one. "
            f"Here stand level, tier, market share and score of each {one}.",
            icon="users",
            action_url=tenant_url(self.request.tenant, "partners:add"),
            action_label=f"Add {one}",
            action_sheet=True,
        )

    def totals(self, queryset: QuerySet[Partner]) -> str:
        """Sum revenue and headroom of the filtered set; a list of alarms says how many are false."""
        sums = queryset.aggregate(
            revenue=Sum("standing__revenue_12m"), room=Sum("headroom_told", filter=Q(headroom_told__gt=0))
        )
        tenant = self.request.tenant
        said = f"revenue {money_short(sums['revenue'], tenant)}"
        said = f"{said}, headroom {money_short(sums['room'], tenant)}" if sums["room"] else said
        asks = self.request.GET.get("alarm") in ("slipping", "rising")
        return f"{said}. {false_words(seen().watched)}" if asks else said

    @cached_property
    def columns(self) -> list[str]:
        """Return the columns that the address asks for."""
        return columns.chosen(self.request.GET, self.request.rights)

    @cached_property
    def actions(self) -> list[BulkAction]:
        """Return what may be done with a selection."""
        return actions_for(self.request.rights)

    def get_table_kwargs(self) -> "dict[str, Any]":
        """Return the columns that are shown."""
        return {
            **super().get_table_kwargs(),
            **PartnerTable.showing(self.columns, selectable=bool(self.actions)),
        }

    def get_template_names(self) -> list[str]:
        """Swap the tabs of saved views with the list."""
        names = super().get_template_names()
        return ["partners/list_swap.html"] if names == [SWAP_TEMPLATE] else names

    def get_context_data(self, **kwargs: object) -> dict[str, Any]:
        """Attach twelve months of orders to the rows of this page, in one query; groups and saved views."""
        context = super().get_context_data(**kwargs)
        table = context["table"]
        by = groups.asked(self.request.GET)
        records = [] if by else [row.record for row in table.page.object_list]
        if by and self.count:
            context |= self._grouped(table, by)
            records = context["grouped"].rows
        last = month_start(today(self.request.tenant))
        months = orders_by_month([record.pk for record in records], last, 12)
        for record in records:
            record.spark_months = months[record.pk]
            record.trend = (sum(months[record.pk][5:8]), sum(months[record.pk][8:11]))
        return {**context, **self._tools(), **self._views()}

    def _grouped(self, table: PartnerTable, by: str) -> dict[str, object]:
        """Return the groups, and a table of their rows whose columns are the list's."""
        sort = self.request.GET.get("sort") or str(PartnerTable._meta.order_by[0])
        grouped = groups.grouped(table.data.data, by, self.request.GET, sort=sort)
        rows = PartnerTable(grouped.rows, order_by=(), **self.get_table_kwargs())
        return {
            "grouped": grouped,
            "group_parts": _parts(grouped, rows),
            "group_word": groups.word(by),
            "grouped_template": GROUPS,
        }

    def _tools(self) -> dict[str, object]:
        """Return what the bar, the link to columns and the lines of a pasted column need."""
        column = (
            self.filterset.form.cleaned_data.get("pasted")
            if self.filterset and self.filterset.is_valid()
            else None
        )
        return {
            "bulk_actions": self.actions,
            "list_query": self.request.GET.urlencode(),
            "pasted": pasted(column) if column else None,
        }

    def _views(self) -> dict[str, object]:
        """Return the saved views, which of them is shown, and whether it has been changed since (1 query)."""
        views = list(SavedView.objects.seen_by(self.request.membership.pk).select_related("owner__user"))
        asked = self.request.GET.get("view", "")
        active = next((view for view in views if str(view.pk) == asked), None)
        now = canonical(self.request.GET.urlencode())
        may = allows(self.request, Right.ACTIVITY_MANAGE)
        return {
            "saved_views": views,
            "active_view": active,
            "view_edited": active is not None and active.query != now,
            "may_change_view": active is not None and (may or active.owner_id == self.request.membership.pk),
            "canonical_query": now,
        }

    def for_export(self, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Load the codes, which a spreadsheet has and the page has not."""
        return queryset.prefetch_related("codes")


@require_GET
@page_requires(Right.PARTNER_VIEW)
def choose_columns(request: TenantRequest) -> HttpResponse:
    """Choose the columns of the list, and in which groups it stands; the rest of the address stays."""
    query = request.GET.copy()
    for name in ("page", columns.PARAMETER, groups.PARAMETER):
        query.pop(name, None)
    context = {
        "list_url": tenant_url(request.tenant, "partners:list"),
        "column_choices": columns.choices(request.rights),
        "columns_shown": columns.chosen(request.GET, request.rights),
        "group_choices": groups.choices().items(),
        "group_by": groups.asked(request.GET),
        "kept_query": [(name, value) for name in query for value in query.getlist(name)],
        "nav_key": "partners",
    }
    return render(request, "partners/columns.html", context)


def _parts(grouped: groups.Grouped, table: PartnerTable) -> list[tuple[groups.Group, list[BoundRow]]]:
    """Return each group with its rows as the table has them."""
    rows, found, at = list(table.rows), [], 0
    for group in grouped.groups:
        found.append((group, rows[at : at + len(group.rows)]))
        at += len(group.rows)
    return found


@require_GET
@page_requires(Right.PARTNER_VIEW)
def detail(request: TenantRequest, pk: UUID) -> HttpResponse:
    """Show how one partner stands, and why."""
    partners = Partner.objects.with_standing().select_related("watch")
    partners = partners.prefetch_related("codes", Prefetch("estimates", _signed_estimates()), "aliases")
    partner = partners.filter(pk=pk).first()
    if partner is None:
        return _merged(request, get_object_or_404(Partner.with_merged, pk=pk))
    standing: Standing | None = getattr(partner, "standing", None)
    stamp = _stamp(partner, standing)
    if unchanged(request, stamp):
        return HttpResponse(status=204)
    context = {
        **_page(request, partner, standing),
        "can_edit": allows(request, Right.PARTNER_EDIT),
        "can_invite": allows(request, Right.MEMBER_EDIT),
        "can_merge": allows(request, Right.ORDER_TIE),
        "can_decide": allows(request, Right.TIER_DECIDE),
        "can_ask": allows(request, Right.ACTIVITY_MANAGE),
        "stamp": stamp,
        "nav_key": "partners",
    }
    return render(request, "partners/detail.html", context)


def _signed_estimates() -> "QuerySet[ShareEstimate]":
    """Return estimates with whoever gave them."""
    return ShareEstimate.objects.select_related("by__user")


@require_GET
@page_requires(Right.AUDIT_VIEW, Right.TIER_DECIDE)
def history(request: TenantRequest, pk: UUID) -> HttpResponse:
    """Show what was changed of a partner and of what is about it, by whom: a page, or a part of the partner's page.

    Of those that were merged into it as well. Orders are left out: a year of them would hide what people did.
    """
    partner = get_object_or_404(Partner.with_merged, pk=pk)
    merged = Partner.with_merged.filter(merged_into=pk).values_list("pk", flat=True)
    is_part = is_htmx(request) and not in_sheet(request)
    return audit.history(
        request,
        Asked(about=(partner.pk, *merged)),
        template="audit/history_part.html" if is_part else "audit/history.html",
        most=PART_LINES if is_part else PER_PAGE,
        name=partner.name,
        back=partner.get_absolute_url(),
        all_url=tenant_url(request.tenant, "partners:history", pk=pk),
        left_out=f"{orders_heading()} have their own list, and are not among these lines.",
        nav_key="partners",
    )


def _merged(request: TenantRequest, partner: Partner) -> HttpResponse:
    """Lead from the page of a partner that was merged to the one it is now, and say so."""
    survivor = survivor_of(partner)
    if not is_live(request):
        toast(
            request,
            f"{partner.name} was merged into {survivor.name}.",
            "This is the page of both.",
            kind="info",
        )
    return go_on(request, survivor.get_absolute_url())


def _page(request: TenantRequest, partner: Partner, standing: Standing | None) -> dict[str, object]:
    tenant, on = request.tenant, today(request.tenant)
    reviews = list(partner.tier_reviews.select_related("signed_by__user"))
    asked = last_request(partner.pk)
    common: dict[str, object] = {
        "partner": partner,
        "standing": standing,
        "codes": list(partner.codes.all()),
        "contacts": list(Contact.objects.of(partner)),
        "aliases": list(partner.aliases.all()),
        "figures": page.figures(partner, standing, on, tenant),
        "room": page.headroom(partner, standing, tenant, on),
        "asked": asked,
        "asked_words": page.asked_words(asked),
        "review": reviews[0] if reviews else None,
        "review_words": review_words(reviews[0]) if reviews else "",
        "facts": page.facts(partner),
        "tags": list(partner.tagged.select_related("tag")),
        "notices": parts.notices(partner),
        "actions": parts.actions(partner),
        "fragments": [*parts.fragments(partner), *_history(request, partner)],
    }
    if standing is None:
        return common
    before = partner.standing_months.filter(month=add_months(month_start(on), -1)).first()
    return {
        **common,
        "why": page.why(standing, before, on, tenant),
        "chart": page.orders_chart(partner, reviews, on) if standing.first_order_on else None,
        "watch": watch_of(partner),
        "watch_words": watch_words(watch_of(partner), tenant),
        "tier_words": proposal_sentence(standing.proposal, partner, policy_in_force(), tenant),
        "tier_waits": bool(partner.tier and standing.tier_proposal)
        and standing.tier_proposal != partner.tier,
    }


def _history(request: TenantRequest, partner: Partner) -> list[parts.Fragment]:
    """Return the part with the last changes, for those who may read it."""
    if not (allows(request, Right.AUDIT_VIEW) or allows(request, Right.TIER_DECIDE)):
        return []
    return [parts.Fragment("What changed", tenant_url(request.tenant, "partners:history", pk=partner.pk))]


def _stamp(partner: Partner, standing: Standing | None) -> str:
    """Name the state that the page shows; a recomputation that finds nothing new leaves it."""
    computed = standing.computed_at.isoformat() if standing else ""
    return f"{partner.version}-{partner.tier}-{computed}"
