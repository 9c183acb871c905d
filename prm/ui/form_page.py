"""What every form and every button does: shown, refused, saved. The one home of that order of events.

    def save() -> Done:
        note = service.add_note(book.pk, **form.cleaned_data)
        return Done(book.get_absolute_url(), "Note added.", "It stands on the first page.")

    return form_page(request, form, "library/note.html", {"book": book}, save=save)

A service's `Refused` goes to its field, and nothing of what `save` did before it stays. In the sheet
and on a plain page the same view serves (see `prm.ui.http`).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from django.db import transaction
from django.forms import BaseForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from prm.core.errors import Refused
from prm.ui.http import go_on, invalid, mark_saved, saved
from prm.ui.toasts import toast

Context = Mapping[str, object]


@dataclass(frozen=True)
class Done:
    """What became of it: where to go, and what the toast says there ("" for no toast).

    `undo_url` gets a POST form with `undo_fields`. With `fragments` htmx stays on the page and swaps them.
    """

    next_url: str
    title: str = ""
    detail: str = ""
    undo_url: str = ""
    undo_fields: Mapping[str, str] = field(default_factory=dict)
    kind: str = "good"
    fragments: Sequence[str] = ()


def form_page(
    request: HttpRequest,
    form: BaseForm,
    template: str,
    context: Context | Callable[[], Context],
    *,
    save: Callable[[], Done | HttpResponse],
) -> HttpResponse:
    """Return the form's page, or after a valid POST what `save` leads to.

    `save` runs in a transaction and may raise Refused; it may answer itself where there is more to show
    than a toast. `context` as a function is asked only when the page is drawn, after a refusal.
    """
    if request.method != "POST":
        return render(request, template, _whole(form, context))
    if form.is_valid():
        try:
            with transaction.atomic():
                done = save()
        except Refused as refused:
            refuse(form, refused)
        else:
            return mark_saved(request, done) if isinstance(done, HttpResponse) else leave(request, done)
    return invalid(request, template, _whole(form, context))


def _whole(form: BaseForm, context: Context | Callable[[], Context]) -> dict[str, object]:
    return {"form": form, **(context() if callable(context) else context)}


def refuse(form: BaseForm, refused: Refused) -> None:
    """Show a service's refusal beside its field, or above the form when it has none here."""
    form.add_error(refused.field if refused.field in form.fields else None, refused.message)


def act(
    request: HttpRequest,
    work: Callable[[], Done],
    *,
    stay_url: str,
    refused_title: str = "",
    kind: str = "bad",
) -> HttpResponse:
    """Do what a button asks for and say what became of it; refused, say why on `stay_url`."""
    try:
        with transaction.atomic():
            done = work()
    except Refused as refused:
        title, detail = (refused_title, refused.message) if refused_title else (refused.message, "")
        done = Done(stay_url, title, detail, kind=kind)
    return leave(request, done)


def leave(request: HttpRequest, done: Done) -> HttpResponse:
    """Say it in a toast and go on. What was refused (`kind` "bad" or "warn") stays typed in the browser."""
    if done.title:
        toast(
            request,
            done.title,
            done.detail,
            undo_url=done.undo_url,
            undo_fields=dict(done.undo_fields),
            kind=done.kind,
        )
    onward = go_on if done.kind in ("bad", "warn") else saved
    return onward(request, done.next_url, fragments=done.fragments)
