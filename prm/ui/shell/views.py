"""The shell's own two small forms: theme and keyboard keys."""

from typing import Protocol, cast

from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest, HttpResponseRedirect
from django.views.decorators.http import require_POST

from prm.ui.http import back_url, page_asked_from
from prm.ui.shell.themes import THEMES


class Viewer(Protocol):
    """Whoever is signed in: the kit keeps two choices with them."""

    theme: str
    shortcuts: bool

    def save(self, *, update_fields: list[str]) -> None:
        """Store those fields."""


@require_POST
def preferences(request: HttpRequest) -> HttpResponse:
    """Save ``theme`` (system, light, dark) and/or ``shortcuts`` (on, off) in the profile."""
    if not request.user.is_authenticated:
        return redirect_to_login(page_asked_from(request, "/"))
    user = cast("Viewer", request.user)
    changed = []
    theme = request.POST.get("theme")
    if theme is not None:
        if theme not in THEMES:
            return HttpResponseBadRequest(f"There is no theme {theme[:20]!r}.")
        user.theme = theme
        changed.append("theme")
    shortcuts = request.POST.get("shortcuts")
    if shortcuts is not None:
        if shortcuts not in ("on", "off"):
            return HttpResponseBadRequest("shortcuts is on or off.")
        user.shortcuts = shortcuts == "on"
        changed.append("shortcuts")
    if changed:
        user.save(update_fields=changed)
    return HttpResponseRedirect(back_url(request, "/"))
