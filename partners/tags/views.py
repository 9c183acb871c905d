"""Pages of tags: all of them, and those of one partner."""

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from partners.tags import service
from partners.tags.forms import AddTagsForm, TagForm
from partners.tags.models import PartnerTag, Tag
from partners.tags.queries import counted
from partners.tags.rules import key_of
from prm.accounts.http import TenantRequest
from prm.accounts.rights import Right, allows, page_requires
from prm.core.errors import Refused
from prm.core.urls import tenant_url
from prm.ui.form_page import Done, act, form_page
from prm.ui.formatting import plural

NAV = "partners"


@require_GET
@page_requires(Right.PARTNER_VIEW)
def page(request: TenantRequest) -> HttpResponse:
    """List the tags with how many partners have each."""
    context = {"tags": counted(), "can_change": allows(request, Right.ACTIVITY_MANAGE), "nav_key": NAV}
    return render(request, "partners/tags.html", context)


@require_http_methods(["GET", "POST"])
@page_requires(Right.ACTIVITY_MANAGE)
def edit(request: TenantRequest, pk: UUID) -> HttpResponse:
    """Write a tag otherwise, or merge it into another."""
    tag = get_object_or_404(Tag, pk=pk)
    form = TagForm(request.POST or None, initial={"name": tag.name})
    home = tenant_url(request.tenant, "partners:tags")

    def save() -> Done:
        if word := form.cleaned_data["into"].strip():
            other = Tag.objects.filter(key=key_of(word)).first()
            if other is None:
                raise Refused(f"There is no tag “{word}”.", field="into", code="not_found")
            service.merge_tags(tag.pk, into=other.pk)
            return Done(home, f"{tag.name} is {other.name} now.", "On everybody who had it.")
        renamed = service.rename_tag(tag.pk, name=form.cleaned_data["name"])
        return Done(home, f"{tag.name} is called {renamed.name} now.", "On everybody who has it.")

    context = {
        "title": f"Tag {tag.name}",
        "submit": "Save tag",
        "back": home,
        "crumb": "Tags",
        "nav_key": NAV,
    }
    return form_page(request, form, "partners/tag_form.html", context, save=save)


@require_POST
@page_requires(Right.ACTIVITY_MANAGE)
def remove(request: TenantRequest, pk: UUID) -> HttpResponse:
    """Take a tag off everybody."""
    tag = get_object_or_404(Tag, pk=pk)
    home = tenant_url(request.tenant, "partners:tags")

    def work() -> Done:
        count = service.remove_tag(tag.pk)
        nouns = (request.tenant.partner_noun, request.tenant.partner_noun_plural)
        return Done(home, f"{tag.name} removed.", f"{plural(count, *nouns)} had it.")

    return act(request, work, stay_url=home)


@require_http_methods(["GET", "POST"])
@page_requires(Right.PARTNER_EDIT)
def add(request: TenantRequest, pk: UUID) -> HttpResponse:
    """Put tags on one partner."""
    # The directory stands above this room; the tag knows what it is put on.
    partner = get_object_or_404(PartnerTag._meta.get_field("partner").related_model, pk=pk)
    home = tenant_url(request.tenant, "partners:detail", pk=partner.pk)
    form = AddTagsForm(request.POST or None)

    def save() -> Done:
        names = form.cleaned_data["tags"]
        service.change_tags([pk], add=names)
        return Done(home, f"Tagged {', '.join(names)}.")

    context = {
        "title": "Add tags",
        "submit": "Add tags",
        "back": home,
        "crumb": "Back",
        "known": Tag.objects.order_by("key")[:60],
        "nav_key": NAV,
    }
    return form_page(request, form, "partners/tag_form.html", context, save=save)


@require_POST
@page_requires(Right.PARTNER_EDIT)
def take_off(request: TenantRequest, pk: UUID) -> HttpResponse:
    """Take one tag off one partner."""
    row = get_object_or_404(PartnerTag.objects.select_related("tag"), pk=pk)
    home = tenant_url(request.tenant, "partners:detail", pk=row.partner_id)

    def work() -> Done:
        service.change_tags([row.partner_id], remove=[row.tag.name])
        return Done(
            home,
            f"{row.tag.name} taken off.",
            undo_url=tenant_url(request.tenant, "partners:tag-add", pk=row.partner_id),
            undo_fields={"tags": row.tag.name},
        )

    return act(request, work, stay_url=home)
