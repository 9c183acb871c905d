"""Pages of shared credit: the parts of one order, and the rules."""

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from orders.book.models import Order, ShareRule
from orders.shares import service
from orders.shares.forms import RuleForm, SharesForm
from orders.states import ShareCase
from prm.accounts.http import TenantRequest
from prm.accounts.rights import Right, page_requires
from prm.core.urls import tenant_url
from prm.tenancy.context import say_of_orders
from prm.ui.form_page import Done, act, form_page

NAV = "shares"


@require_http_methods(["GET", "POST"])
@page_requires(Right.ORDER_TIE)
def order_shares(request: TenantRequest, pk: UUID) -> HttpResponse:
    """Share the credit of an order by hand, or take that back."""
    order = get_object_or_404(Order.objects.with_names(), pk=pk)
    shares = list(order.shares.select_related("partner"))
    form = SharesForm(request.POST or None, shares=shares, own=order.partner)
    here = order.get_absolute_url()
    undo = tenant_url(request.tenant, "orders:order-shares", pk=pk)
    # What it was before, as the form takes it.
    before = {"action": "" if shares else "whole"}
    for place, share in enumerate(shares, start=1):
        before |= {f"partner_{place}": str(share.partner_id), f"percent_{place}": str(share.percent)}

    def save() -> Done:
        service.share_order(pk, form.parts())
        return Done(
            here, "The credit is shared.", "Months and scores follow.", undo_url=undo, undo_fields=before
        )

    if request.method == "POST" and request.POST.get("action") == "whole":

        def whole() -> Done:
            now = service.unshare_order(pk)
            words = "It is shared by rule." if now.is_shared else "It counts for one partner alone."
            return Done(here, words, undo_url=undo if shares else "", undo_fields=before)

        return act(request, whole, stay_url=here)
    context = {"order": order, "shares": shares, "next": here, "nav_key": "orders"}
    return form_page(request, form, "orders/order_shares.html", context, save=save)


@require_GET
@page_requires(Right.ORDER_TIE)
def rules(request: TenantRequest) -> HttpResponse:
    """Show by which rules credit is shared."""
    return render(request, "orders/share_rules.html", {"rules": service.rules(), "nav_key": NAV})


@require_http_methods(["GET", "POST"])
@page_requires(Right.ORDER_TIE)
def add_rule(request: TenantRequest) -> HttpResponse:
    """Make a rule, or change the one that is there for these orders."""
    form = RuleForm(request.POST or None)
    home = tenant_url(request.tenant, "orders:share-rules")

    def save() -> Done:
        said = form.cleaned_data
        service.save_rule(**(said | {"case": ShareCase(said["case"])}))
        return Done(
            home,
            "The rule is saved.",
            say_of_orders("{Orders} are shared by it in the background; months and scores follow."),
        )

    context = {"next": home, "nav_key": NAV}
    return form_page(request, form, "orders/share_rule_form.html", context, save=save)


@require_POST
@page_requires(Right.ORDER_TIE)
def remove_rule(request: TenantRequest, pk: UUID) -> HttpResponse:
    """Remove a rule."""
    rule = get_object_or_404(ShareRule, pk=pk)
    home = tenant_url(request.tenant, "orders:share-rules")
    fields = {
        "case": rule.case,
        "subject": str(rule.subject_id or ""),
        "region": rule.region,
        "to": str(rule.to_id or ""),
        "percent": str(rule.percent),
        "since": rule.since.isoformat() if rule.since else "",
    }

    def work() -> Done:
        service.remove_rule(pk)
        undo = tenant_url(request.tenant, "orders:share-rule-add")
        return Done(
            home,
            "The rule is removed.",
            say_of_orders("Its {orders} follow."),
            undo_url=undo,
            undo_fields=fields,
        )

    return act(request, work, stay_url=home)
