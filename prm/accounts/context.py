"""Context processor: whose page this is, and where its reader may go instead."""

from django.http import HttpRequest
from django.urls import reverse


def people(request: HttpRequest) -> dict[str, object]:
    """Return `tenant` and `membership` (None outside a tenant), `chooser_url` and `profile_url`."""
    return {
        "tenant": getattr(request, "tenant", None),
        "membership": getattr(request, "membership", None),
        "chooser_url": reverse("chooser"),
        "profile_url": reverse("own-profile"),
    }
