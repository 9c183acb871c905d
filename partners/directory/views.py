"""Partner list, partner page, and the forms around a partner."""

from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet, Sum
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import NoReverseMatch, reverse
from django.utils.decorators import method_decorator
from django.views.decorators.http import require_GET, require_POST

from partners.directory import service
from partners.directory.export import partners_csv
from partners.directory.filters import PartnerFilter
from partners.directory.forms import AddPartnerForm, CodeForm, PartnerForm
from partners.directory.models import Partner, ReferralCode
from partners.directory.tables import PartnerTable
from partners.policy import service as policy_service
from partners.standing import presentation
from partners.standing.models import Standing
from prm.accounts.http import TenantRequest
from prm.accounts.rights import Right, allows, page_requires
from prm.core.calendar import add_months, month_start, today
from prm.core.errors import Refused
from prm.ui.form_page import Done, form_page
from prm.ui.formatting import money_short
from prm.ui.http import back_url, saved, unchanged
from prm.ui.lists import Empty, ListPage
from prm.ui.toasts import toast

_ORGANISATION_HINTS = 200


def address(request: TenantRequest, name: str, **kwargs: Any) -> str:
    """Reverse a page of this tenant; "" when no installed app has it, and then no control is shown."""
    try:
        return reverse(name, kwargs={"tenant": request.tenant.slug, **kwargs})
    except NoReverseMatch:
        return ""


def with_query(url: str, **query: Any) -> str:
    """Add a query to an address, unless there is no address."""
    return f"{url}?{'&'.join(f'{key}={value}' for key, value in query.items())}" if url else ""


def _list_queryset(request: TenantRequest) -> QuerySet[Partner]:
    """Everybody in the panel; with the filter "active" set, whoever it asks for."""
    partners = Partner.objects.with_standing()
    return partners if request.GET.get("is_active") else partners.active()


@method_decorator(page_requires(Right.PARTNER_VIEW), name="dispatch")
class PartnerList(ListPage):
    """All partners of the tenant; the panel is a filter."""

    table_class = PartnerTable
    filterset_class = PartnerFilter
    template_name = "partners/list.html"
    request: TenantRequest

    def get_queryset(self) -> QuerySet[Partner]:
        """See `_list_queryset`."""
        return _list_queryset(self.request)

    def get_nouns(self) -> tuple[str, str]:
        """The tenant's own words."""
        tenant = self.request.tenant
        return tenant.partner_noun, tenant.partner_noun_plural

    def get_empty(self) -> Empty:
        """Say where partners come from."""
        one, many = self.get_nouns()
        return Empty(
            title=f"No {many} yet",
            text=f"They come with the first order file, or are added one by one. "
            f"Here stand level, tier, market share and score of each {one}.",
            icon="users",
            action_url=address(self.request, "partners:add"),
            action_label=f"Add {one}",
            action_sheet=True,
        )

    def totals(self, queryset: QuerySet[Partner]) -> str:
        """Revenue and headroom of the filtered set."""
        sums = queryset.aggregate(
            revenue=Sum("standing__revenue_12m"), room=Sum("headroom_told", filter=Q(headroom_told__gt=0))
        )
        tenant = self.request.tenant
        said = f"revenue {money_short(sums['revenue'], tenant)}"
        return f"{said}, headroom {money_short(sums['room'], tenant)}" if sums["room"] else said

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Attach twelve months of orders to the rows of this page, in one query."""
        context = super().get_context_data(**kwargs)
        table = context["table"]
        records = [row.record for row in table.page.object_list]
        months = presentation.orders_by_month(
            [record.pk for record in records], month_start(today(self.request.tenant)), 12
        )
        for record in records:
            record.spark_months = months[record.pk]
        query = self.request.GET.urlencode()
        export = address(self.request, "partners:export")
        return {**context, "export_url": f"{export}?{query}" if query else export}


@require_GET
@page_requires(Right.PARTNER_VIEW)
def export(request: TenantRequest) -> HttpResponse:
    """The filtered list as a CSV file."""
    partners = _list_queryset(request).prefetch_related("codes").order_by("name", "pk")
    found = PartnerFilter(data=request.GET or None, queryset=partners, request=request)
    rows = found.qs if found.is_valid() else partners.none()
    answer = HttpResponse(partners_csv(rows), content_type="text/csv; charset=utf-8")
    name = f"{request.tenant.partner_noun_plural}-{today(request.tenant):%Y-%m-%d}.csv"
    answer["Content-Disposition"] = f'attachment; filename="{name.replace(" ", "-")}"'
    return answer


@require_GET
@page_requires(Right.PARTNER_VIEW)
def detail(request: TenantRequest, pk: UUID) -> HttpResponse:
    """How one partner stands, and why."""
    partners = Partner.objects.with_standing().prefetch_related("codes", "estimates")
    partner = get_object_or_404(partners, pk=pk)
    standing: Standing | None = getattr(partner, "standing", None)
    stamp = _stamp(partner, standing)
    if unchanged(request, stamp):
        return HttpResponse(status=204)
    tenant, on = request.tenant, today(request.tenant)
    before = partner.standing_months.filter(month=add_months(month_start(on), -1)).first()
    policy = policy_service.policy_in_force()
    reviews = list(partner.tier_reviews.select_related("signed_by__user"))
    review = reviews[0] if reviews else None
    context = {
        "partner": partner,
        "standing": standing,
        "codes": list(partner.codes.all()),
        "figures": presentation.figures(partner, standing, on, tenant),
        "why": presentation.why(standing, before, on, tenant) if standing else None,
        "chart": presentation.orders_chart(partner, reviews, on)
        if standing and standing.first_order_on
        else None,
        "room": presentation.headroom(partner, standing, tenant),
        "tier_words": presentation.tier_sentence(standing.proposal, partner, policy, tenant)
        if standing
        else "",
        "tier_waits": _waits(partner, standing),
        "review": review,
        "review_words": presentation.review_words(review) if review else "",
        "facts": _facts(partner),
        "can_edit": allows(request, Right.PARTNER_EDIT),
        "can_invite": allows(request, Right.MEMBER_EDIT),
        "can_decide": allows(request, Right.TIER_DECIDE),
        "log_url": with_query(address(request, "activities:log"), partner=partner.pk),
        "insight_url": with_query(address(request, "activities:insight_add"), partner=partner.pk),
        "opportunity_url": with_query(address(request, "activities:opportunity_add"), partner=partner.pk),
        "timeline_url": with_query(address(request, "activities:timeline"), partner=partner.pk),
        "stamp": stamp,
        "nav_key": "partners",
    }
    return render(request, "partners/detail.html", context)


def _stamp(partner: Partner, standing: Standing | None) -> str:
    """Name the state that the page shows; a recomputation that finds nothing new leaves it."""
    computed = standing.computed_at.isoformat() if standing else ""
    return f"{partner.version}-{partner.tier}-{computed}"


def _waits(partner: Partner, standing: Standing | None) -> bool:
    return bool(
        partner.tier and standing and standing.tier_proposal and standing.tier_proposal != partner.tier
    )


def _facts(partner: Partner) -> list[tuple[str, str]]:
    return [
        ("Kind", partner.get_kind_display()),
        ("Rep", str(partner.rep.user) if partner.rep else ""),
        ("City", ", ".join(part for part in (partner.city, partner.region) if part)),
        ("E-mail", partner.email),
        ("Phone", partner.phone),
        ("Website", partner.website),
        ("Notes", partner.notes),
    ]


@page_requires(Right.PARTNER_EDIT)
def add(request: TenantRequest) -> HttpResponse:
    """A new partner."""
    form = AddPartnerForm(request.POST or None, initial={"rep": _own_panel(request)})

    def save() -> Done:
        code = form.cleaned_data["code"].strip()
        codes = [(form.cleaned_data["scheme"], code)] if code else []
        partner = service.create_partner(**form.details(), codes=codes)
        return Done(partner.get_absolute_url(), f"{partner.name} added.", "The standing follows in a moment.")

    return form_page(request, form, "partners/partner_form.html", _form_context, save=save)


def _own_panel(request: TenantRequest) -> UUID | None:
    return request.membership.pk if allows(request, Right.PANEL_KEEP) else None


@page_requires(Right.PARTNER_EDIT)
def edit(request: TenantRequest, pk: UUID) -> HttpResponse:
    """A partner's details; a change by somebody else meanwhile is pointed out, the input kept."""
    partner = get_object_or_404(Partner.objects.select_related("organisation", "rep__user"), pk=pk)
    form = PartnerForm(request.POST or None, partner=partner)
    clashes: list[tuple[str, str]] = []

    def save() -> Done:
        version = form.cleaned_data["version"]
        try:
            service.update_partner(partner.pk, expected_version=version, **form.details())
        except Refused as refused:
            if refused.code == "conflict":
                clashes.extend(_clashes(partner, form))
                # Saved again, the page overwrites what it has now shown.
                form.data = {**form.data.dict(), "version": str(partner.version)}  # type: ignore[attr-defined]
            raise
        next_url = back_url(request, partner.get_absolute_url())
        return Done(next_url, f"{form.cleaned_data['name']} saved.")

    return form_page(
        request,
        form,
        "partners/partner_form.html",
        lambda: {**_form_context(), "partner": partner, "clashes": clashes},
        save=save,
    )


def _clashes(partner: Partner, form: PartnerForm) -> list[tuple[str, str]]:
    """List the fields where what is stored now differs from the input."""
    found = []
    for name, value in form.details().items():
        stored = getattr(partner, name)
        if stored != value and (stored or value):
            found.append((str(form.fields[name].label or name.capitalize()), str(stored or "empty")))
    return found


def _form_context() -> dict[str, object]:
    organisations = Partner.objects.active().filter(kind__in=("practice", "hospital", "agency"))
    names = organisations.order_by("name").values_list("name", flat=True)[:_ORGANISATION_HINTS]
    return {"organisations": names, "nav_key": "partners"}


@page_requires(Right.PARTNER_EDIT)
def code_add(request: TenantRequest, pk: UUID) -> HttpResponse:
    """Another referral code for a partner."""
    partner = get_object_or_404(Partner, pk=pk)
    form = CodeForm(request.POST or None)

    def save() -> Done:
        added = service.add_code(partner.pk, **form.cleaned_data)
        words = f"{added} is a code of {partner.name}."
        return Done(partner.get_absolute_url(), words, "Orders waiting for it are being tied.")

    context = {"partner": partner, "title": "Add referral code", "submit": "Add code"}
    return form_page(request, form, "partners/small_form.html", context, save=save)


@require_POST
@page_requires(Right.PARTNER_EDIT)
def code_remove(request: TenantRequest, pk: UUID) -> HttpResponse:
    """Take a referral code away."""
    code = get_object_or_404(ReferralCode.objects.select_related("partner"), pk=pk)
    service.remove_code(code.pk)
    toast(request, f"{code} removed.", "Orders tied by it stay tied.")
    return saved(request, code.partner.get_absolute_url())
