"""Rejected lines: by reason, corrected, dismissed, exported."""

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.decorators import method_decorator
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from orders.ingest.states import RejectReason
from orders.rejects import service
from orders.rejects.forms import AlikeForm, CorrectForm
from orders.rejects.models import AlikeGroup, RejectedLine
from orders.rejects.tables import RejectTable
from orders.runs.corrections.bring import Alike
from orders.runs.models import ImportRun
from orders.runs.views import NAV, run_of
from orders.sources.spec import FIELDS
from prm.accounts.http import TenantRequest
from prm.accounts.rights import Right, page_requires
from prm.core.urls import tenant_url
from prm.ui.form_page import Done, form_page
from prm.ui.formatting import plural
from prm.ui.http import saved
from prm.ui.lists import Empty, ListPage
from prm.ui.toasts import toast

# Groups of rows that say the same wrong thing, shown above the list.
MOST_GROUPS = 20


@method_decorator(page_requires(Right.IMPORT_RUN), name="dispatch")
class RejectList(ListPage):
    """Rejected lines of one run, all or with one reason."""

    rights = (Right.IMPORT_RUN,)
    table_class = RejectTable
    template_name = "orders/rejects.html"
    nouns = ("rejected line", "rejected lines")
    empty = Empty(title="No rejected lines", text="Every line of this import went in.", icon="checks")

    def get_queryset(self) -> QuerySet[RejectedLine]:
        """Return lines in the order of the file."""
        lines = RejectedLine.objects.filter(run=self.kwargs["pk"]).select_related("run")
        reason = self.request.GET.get("reason")
        return lines.filter(reason=reason) if reason else lines

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Return the run, and the reason looked at."""
        found = run_of(self.kwargs["pk"])
        reason = self.request.GET.get("reason", "")
        known = RejectReason.of(reason)
        return super().get_context_data(
            nav_key=NAV,
            run=found,
            reason=reason,
            reason_words=known.heading if known else "",
            alike=_alike_groups(found, reason) if known else [],
            **kwargs,
        )


def _alike_groups(found: ImportRun, reason: str) -> list[AlikeGroup]:
    """Return the groups of several rows: a single one is corrected by itself."""
    groups = found.rejected_lines.open().filter(reason=reason).alike(MOST_GROUPS)
    return [group for group in groups if group.count > 1]


@require_GET
@page_requires(Right.IMPORT_RUN)
def export_rejects(request: TenantRequest, pk: UUID) -> HttpResponse:
    """Send the rejected lines of a run as CSV."""
    found = run_of(pk)
    content = service.as_file(found.source, RejectedLine.objects.filter(run=found))
    response = HttpResponse(content, content_type=f"text/csv; charset={found.source.rules.encoding}")
    response["Content-Disposition"] = f'attachment; filename="rejected-{found.pk}.csv"'
    return response


@require_http_methods(["GET", "POST"])
@page_requires(Right.IMPORT_RUN)
def reject(request: TenantRequest, pk: UUID) -> HttpResponse:
    """Correct one rejected line and store it."""
    line = get_object_or_404(RejectedLine.objects.select_related("source", "run__source"), pk=pk)
    spec = line.run.rules
    form = CorrectForm(request.POST or None, spec=spec, initial=line.raw)
    next_url = line.run.get_absolute_url()
    if request.method != "POST" and line.field in form.fields:
        form.fields[line.field].widget.attrs["autofocus"] = True

    def save() -> Done:
        order = service.correct(line.pk, form.cleaned_data)
        return Done(next_url, "The line is stored.", f"Order {order.number}" if order else "")

    context = {"line": line, "next": next_url, "nav_key": NAV, "title": line.heading}
    return form_page(request, form, "orders/reject_form.html", context, save=save)


@require_http_methods(["GET", "POST"])
@page_requires(Right.IMPORT_RUN)
def alike(request: TenantRequest, pk: UUID) -> HttpResponse:
    """Correct all rows of a run that say the same wrong thing: first what it would do, then done."""
    found = run_of(pk)
    asked = {name: request.GET.get(name, "") for name in ("reason", "field", "value")}
    known = RejectReason.of(asked["reason"])
    if known is None or asked["field"] not in FIELDS:
        raise Http404
    form = AlikeForm(request.POST or None, initial={"to": asked["value"]})
    back = f"{tenant_url(request.tenant, 'orders:rejects', pk=pk)}?reason={asked['reason']}"
    to = form.data.get("to", asked["value"]) if form.is_bound else asked["value"]
    wanted = Alike(**asked, to=to, run=str(pk))
    context = {
        "run": found,
        "back": back,
        "nav_key": NAV,
        "title": known.heading,
        "label": FIELDS[asked["field"]],
        "value": asked["value"],
        "count": len(wanted.rows(found.source)),
    }
    if request.method == "POST" and request.POST.get("action") != "store" and form.is_valid():
        context["foreseen"] = service.foresee_alike(found.source, wanted)
        return render(request, "orders/rejects_alike.html", {"form": form, **context})

    def save() -> Done:
        run = service.correct_alike(found.source, wanted)
        words = "The rows go in in the background." if run.is_active else "The rows are stored."
        return Done(run.get_absolute_url(), words, "This import can be taken back.")

    return form_page(request, form, "orders/rejects_alike.html", context, save=save)


@require_POST
@page_requires(Right.IMPORT_RUN)
def settle(request: TenantRequest, pk: UUID) -> HttpResponse:
    """Retry, dismiss or reopen all lines of a run with one reason."""
    found = run_of(pk)
    lines = RejectedLine.objects.filter(run=found, reason=request.POST.get("reason", ""))
    again = {"reason": request.POST.get("reason", ""), "action": "reopen"}
    match request.POST.get("action"):
        case "retry" if lines.open().count() > service.RETRIED_AT_ONCE:
            service.ask_retry(found.pk, request.POST["reason"])
            toast(request, "The lines are tried again in the background.", "The page says when it is done.")
        case "retry":
            stored, left = service.retry(lines)
            rest = f"{plural(left, 'line')} still cannot be read." if left else ""
            toast(request, f"{plural(stored, 'line')} stored.", rest, kind="good" if stored else "warn")
        case "dismiss":
            count = service.dismiss(lines)
            toast(request, f"{plural(count, 'line')} dismissed.", undo_url=request.path, undo_fields=again)
        case "reopen":
            toast(request, f"{plural(service.reopen(lines), 'line')} open again.")
    return saved(request, found.get_absolute_url())
