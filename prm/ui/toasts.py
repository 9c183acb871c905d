"""Toasts: what was saved, its effect, and Undo. They travel as Django messages."""

from django.contrib import messages
from django.http import HttpRequest
from django.template.loader import render_to_string

KINDS = {
    "good": messages.SUCCESS,
    "info": messages.INFO,
    "warn": messages.WARNING,
    "bad": messages.ERROR,
}


def toast(
    request: HttpRequest,
    title: str,
    detail: str = "",
    *,
    undo_url: str = "",
    undo_fields: dict[str, str] | None = None,
    kind: str = "good",
) -> None:
    """Queue one toast for the next page, or for this answer's out-of-band fragments.

    *undo_url* gets a POST form with *undo_fields*. All texts are escaped.
    """
    body = render_to_string(
        "components/toast_body.html",
        {"title": title, "detail": detail, "undo_url": undo_url, "undo_fields": undo_fields or {}},
        request=request,
    )
    messages.add_message(request, KINDS[kind], body, extra_tags=f"prm-toast-{kind}")
