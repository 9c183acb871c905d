"""The options of a picker while somebody types."""

from collections.abc import Callable

from django.core.exceptions import PermissionDenied
from django.db.models import Model
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from prm.ui.pickers.pickers import NOBODY, SHOWN, Picker

LONGEST = 200
"""Characters of a search that are looked at; no name is longer."""


def _option(picker: Picker, row: Model) -> tuple[str, str, str]:
    """Return value, name and note."""
    return str(row.pk), picker.name(row), picker.note(row)


def _none(picker: Picker, words: str) -> list[tuple[str, str, str]]:
    is_offered = picker.none and picker.none.casefold().startswith(words.strip().casefold())
    return [(NOBODY, picker.none, "")] if is_offered else []


def options_of(picker: Picker) -> Callable[..., HttpResponse]:
    """Return the view that answers `?q=` with the first options of this picker."""

    @require_GET
    def options(request: HttpRequest) -> HttpResponse:
        if picker.right not in getattr(request, "rights", ()):
            raise PermissionDenied(f"This needs the right {picker.right}.")
        words = request.GET.get("q", "")[:LONGEST]
        found = list(picker.find(words)[: SHOWN + 1])
        context = {
            "options": [*_none(picker, words), *(_option(picker, row) for row in found[:SHOWN])],
            "more": len(found) > SHOWN,
            "words": words,
            "picker": picker,
        }
        return render(request, "components/combobox_options.html", context)

    # Read by the test that walks all addresses.
    setattr(options, "rights", (picker.right,))  # noqa: B010
    return options
