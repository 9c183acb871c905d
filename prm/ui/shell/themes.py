"""Light, dark or as the system: kept in the profile; before sign-in the system decides."""

from django.http import HttpRequest

THEMES = {"system": "System", "light": "Light", "dark": "Dark"}


def current_theme(request: HttpRequest) -> str:
    """Return the viewer's theme; "system" for strangers and for anything unknown."""
    theme = getattr(getattr(request, "user", None), "theme", "system")
    return theme if theme in THEMES else "system"
