"""The catalogue: all products, and the page of one."""

from uuid import UUID

from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.decorators import method_decorator
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from orders.catalogue import queries, service
from orders.catalogue.filters import ProductFilter
from orders.catalogue.forms import FamilyForm, MergeForm
from orders.catalogue.models import Product
from orders.catalogue.tables import ProductTable
from prm.accounts.http import TenantRequest
from prm.accounts.rights import Right, page_requires
from prm.core.urls import tenant_url
from prm.ui.form_page import Done, act, form_page
from prm.ui.lists import Empty, ListPage

NAV = "products"


@method_decorator(page_requires(Right.ORDER_VIEW), name="dispatch")
class ProductList(ListPage):
    """All products that orders name."""

    rights = (Right.ORDER_VIEW,)
    table_class = ProductTable
    filterset_class = ProductFilter
    template_name = "orders/products.html"
    nouns = ("product", "products")
    empty = Empty(
        title="No products yet",
        text="They come with what is imported, when the source says which column holds their code.",
        icon="package",
    )

    def get_queryset(self) -> QuerySet[Product]:
        """Return the products with what they stand for."""
        return Product.objects.select_related("merged_into").prefetch_related("aliases")

    def get_context_data(self, **kwargs: object) -> dict[str, object]:
        """Add products that look like one, for whom may say so."""
        may = Right.ORDER_TIE in self.request.rights  # type: ignore[attr-defined]  # a request of the tenant's
        groups = queries.lookalikes() if may and not self.request.GET else []
        return super().get_context_data(nav_key=NAV, lookalikes=groups, **kwargs)


@require_GET
@page_requires(Right.ORDER_VIEW)
def product(request: TenantRequest, pk: UUID) -> HttpResponse:
    """Show a product, what it stands for, and where its orders are."""
    found = get_object_or_404(Product.objects.select_related("merged_into"), pk=pk)
    context = {
        "product": found,
        "aliases": found.aliases.select_related("merged_via").order_by("code"),
        "orders_url": f"{tenant_url(request.tenant, 'orders:list')}?product={found.pk}",
        "nav_key": NAV,
    }
    return render(request, "orders/product.html", context)


@require_http_methods(["GET", "POST"])
@page_requires(Right.ORDER_TIE)
def family(request: TenantRequest, pk: UUID) -> HttpResponse:
    """Say what family a product is of."""
    found = get_object_or_404(Product, pk=pk)
    form = FamilyForm(request.POST or None, initial={"family": found.family})
    here = request.path

    def save() -> Done:
        service.set_family([pk], form.cleaned_data["family"])
        return Done(found.get_absolute_url(), "Saved.", undo_url=here, undo_fields={"family": found.family})

    context = {"product": found, "title": "Family", "families": queries.families(), "nav_key": NAV}
    return form_page(request, form, "orders/product_form.html", context, save=save)


@require_http_methods(["GET", "POST"])
@page_requires(Right.ORDER_TIE)
def merge(request: TenantRequest, pk: UUID) -> HttpResponse:
    """Say that a product is another one."""
    found = get_object_or_404(Product, pk=pk)
    form = MergeForm(request.POST or None)

    def save() -> Done:
        target = service.merge_product(pk, into=form.cleaned_data["into"].pk)
        undo = tenant_url(request.tenant, "orders:product-unmerge", pk=pk)
        words = "Lists and revenue count both as one."
        return Done(target.get_absolute_url(), f"{found.code} is {target.code}.", words, undo_url=undo)

    context = {"product": found, "title": f"{found.code} is another product", "nav_key": NAV}
    return form_page(request, form, "orders/product_form.html", context, save=save)


@require_POST
@page_requires(Right.ORDER_TIE)
def unmerge(request: TenantRequest, pk: UUID) -> HttpResponse:
    """Let a product be one of its own again."""
    found = get_object_or_404(Product.objects.select_related("merged_into"), pk=pk)

    def work() -> Done:
        undo = tenant_url(request.tenant, "orders:product-merge", pk=pk)
        into = found.main.code
        now = service.unmerge_product(pk)
        words = f"{now.code} is a product of its own."
        return Done(now.get_absolute_url(), words, undo_url=undo, undo_fields={"into": into})

    return act(request, work, stay_url=found.get_absolute_url())
