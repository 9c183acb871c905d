"""Merging two partners by hand: who is the same, what moves, and the log with its undo."""

from uuid import UUID

from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET, require_POST

from partners.directory.models import Partner
from partners.merges import forms, queries, rules, tables
from partners.merges.large import service as large
from partners.merges.large.presentation import progress_of
from partners.merges.models import MergeTask, PartnerMerge
from partners.merges.rehearsal import standing_after
from partners.merges.words import merge_words, moved_words
from prm.accounts.http import TenantRequest
from prm.accounts.rights import Right, page_requires
from prm.core.errors import Refused
from prm.core.urls import tenant_url
from prm.tenancy.context import order_nouns
from prm.ui.export import answers as export
from prm.ui.form_page import Done, act, form_page
from prm.ui.http import asks_for_progress, back_url, progress_piece
from prm.ui.lists import page_of

PER_PAGE = 30


@page_requires(Right.ORDER_TIE)
def choose(request: TenantRequest, pk: UUID) -> HttpResponse:
    """Ask who is the same as this partner; the preview follows."""
    partner = get_object_or_404(Partner, pk=pk)
    form = forms.OtherForm(request.POST or None)

    def save() -> Done:
        other = form.cleaned_data["other"]
        first, second = queries.suggested(partner.pk, other.pk)
        queries.preview(first, second)
        return Done(tenant_url(request.tenant, "partners:merge", pk=first, other=second))

    context = {
        "partner": partner,
        "title": "Merge with another",
        "submit": "Show what moves",
        "intro": f"For one and the same who is here twice. Codes, {order_nouns()[1]} and activities of both become one's.",
    }
    return form_page(request, form, "partners/small_form.html", context, save=save)


@page_requires(Right.ORDER_TIE)
def merge(request: TenantRequest, pk: UUID, other: UUID) -> HttpResponse:
    """Show what merging `other` into `pk` moves, with the details that may stay; merge on POST."""
    if Partner.with_merged.filter(pk__in=(pk, other)).count() < len({pk, other}):
        raise Http404
    if request.method == "POST":
        return _merge(request, pk, other)
    try:
        preview = queries.preview(pk, other)
    except Refused as refused:
        done = Done(_page_of(request, pk, other), refused.message, kind="warn")
        return act(request, lambda: done, stay_url=done.next_url)
    context = {
        **comparison(request, preview),
        "swap_url": tenant_url(request.tenant, "partners:merge", pk=other, other=pk),
        "next_url": request.GET.get("next", ""),
        "nav_key": "partners",
    }
    return render(request, "partners/merge.html", context)


def comparison(request: TenantRequest, preview: queries.Preview) -> dict[str, object]:
    """Return what the piece `merge_form.html` shows of two."""
    both = {"pk": preview.survivor.pk, "other": preview.merged.pk}
    return {
        "preview": preview,
        "details": forms.details(preview.survivor, preview.merged),
        "rows": [row for row in preview.rows if row.has or row.gets],
        "merge_url": tenant_url(request.tenant, "partners:merge", **both),
        "after_url": "" if preview.is_large else tenant_url(request.tenant, "partners:merge-after", **both),
    }


@require_GET
@page_requires(Right.ORDER_TIE)
def after(request: TenantRequest, pk: UUID, other: UUID) -> HttpResponse:
    """Say in a sentence which level and score would follow; nothing is written."""
    survivor = get_object_or_404(Partner.objects.select_related("standing"), pk=pk)
    get_object_or_404(Partner, pk=other)
    before = getattr(survivor, "standing", None)
    context = {"survivor": survivor, "before": before, "then": standing_after(pk, other)}
    return render(request, "partners/parts/merge_after.html", context)


@require_GET
@page_requires(Right.ORDER_TIE)
def task(request: TenantRequest, pk: UUID) -> HttpResponse:
    """Show how far a large merge, or its undo, is."""
    asked = get_object_or_404(MergeTask.objects.select_related("survivor", "merged", "merge"), pk=pk)
    progress = progress_of(asked)
    if asks_for_progress(request):
        return progress_piece(request, progress)
    context = {
        "task": asked,
        "progress": progress,
        "moved": moved_words(asked.merge) if asked.merge else "",
        "nav_key": "partners",
    }
    return render(request, "partners/merge_task.html", context)


def _page_of(request: TenantRequest, *partner_ids: UUID) -> str:
    """Return the page of the first of them that is a partner of its own, else the list."""
    found = Partner.objects.filter(pk__in=partner_ids).first()
    return found.get_absolute_url() if found else tenant_url(request.tenant, "partners:list")


def _merge(request: TenantRequest, pk: UUID, other: UUID) -> HttpResponse:
    take = [name for name in rules.DETAILS if request.POST.get(f"stays_{name}") == "merged"]

    def work() -> Done:
        merged = large.ask_merge(pk, merged_id=other, take=take, reason=request.POST.get("reason", ""))
        if isinstance(merged, MergeTask):
            return Done(
                tenant_url(request.tenant, "partners:merge-task", pk=merged.pk), "The merge has begun."
            )
        undo = tenant_url(request.tenant, "partners:merge-undo", pk=merged.pk)
        title = f"{merged.merged.name} was merged into {merged.survivor.name}."
        return Done(
            back_url(request, merged.survivor.get_absolute_url()),
            title,
            f"Moved: {moved_words(merged)}. The standing follows.",
            undo_url=undo,
        )

    return act(request, work, stay_url=_page_of(request, pk, other))


@require_GET
@page_requires(Right.ORDER_TIE)
def log(request: TenantRequest) -> HttpResponseBase:
    """Show all merges, latest first; each can be taken back as long as its survivor was not merged since."""
    merges = PartnerMerge.objects.with_names()
    if file := export.file_asked(request, "merges", tables.LOG, merges):
        return file
    page = page_of(merges, request.GET.get("page"), PER_PAGE)
    context = {
        "page": page,
        "rows": [(one, merge_words(one), moved_words(one)) for one in page.object_list],
        "exports": export.links(request),
        "nouns": ("merge", "merges"),
        "nav_key": "partners",
    }
    return render(request, "partners/merges.html", context)


@require_POST
@page_requires(Right.ORDER_TIE)
def undo(request: TenantRequest, pk: UUID) -> HttpResponse:
    """Take a merge back."""
    known = get_object_or_404(PartnerMerge.objects.with_names(), pk=pk)
    back = back_url(request, tenant_url(request.tenant, "partners:merges"))

    def work() -> Done:
        undone = large.ask_undo(known.pk)
        if isinstance(undone, MergeTask):
            return Done(
                tenant_url(request.tenant, "partners:merge-task", pk=undone.pk), "It is being taken back."
            )
        title = f"{known.merged.name} is a {request.tenant.partner_noun} of its own again."
        words = "; ".join(undone.left)
        return Done(back, title, f"Did not go back: {words}." if words else "Everything is back.")

    return act(request, work, stay_url=back)
