"""Every write of the orders app that a person or a program asks for, except imports (see ingest.run)."""

from typing import Any

from django.db import transaction

from orders.sources.models import OrderSource
from orders.sources.spec import Spec, SpecError, load_toml, parse_spec
from orders.sources.states import SourceKind
from prm.core.errors import Refused


def find_source(name: str) -> OrderSource:
    """The source with this name. Raises ``Refused`` naming those that exist."""
    source: OrderSource | None = OrderSource.objects.filter(name=name).first()
    if source is not None:
        return source
    known = ", ".join(repr(name) for name in OrderSource.objects.values_list("name", flat=True)[:20])
    there = f"There are: {known}." if known else "There is none yet: make one with order_source --load FILE."
    raise Refused(f"No order source is called {name!r}. {there}", field="source", code="unknown_source")


@transaction.atomic
def load_source(text: str) -> tuple[OrderSource, bool]:
    """Create or change a source from TOML; tells whether it is new.

    Raises :class:`~orders.sources.spec.SpecError` with everything that is wrong with the text.
    """
    name, kind, spec = load_toml(text)
    source = OrderSource.objects.select_for_update().filter(name=name).first()
    if source is None:
        return OrderSource.objects.create(name=name, kind=kind, spec=spec.to_json()), True
    source.kind, source.spec = kind, spec.to_json()
    source.save(update_fields=["kind", "spec"])
    return source, False


@transaction.atomic
def save_source(
    source: OrderSource | None, *, name: str, spec: dict[str, Any], is_active: bool = True
) -> OrderSource:
    """Create or change a source from its JSON form.

    Raises ``Refused`` for an empty or taken name, and :class:`~orders.sources.spec.SpecError`.
    """
    name = name.strip()
    if not name or len(name) > 80:
        raise Refused("Give the source a name of at most 80 characters.", field="name")
    taken = OrderSource.objects.filter(name=name)
    if (taken if source is None else taken.exclude(pk=source.pk)).exists():
        raise Refused(f"There is a source called {name!r} already.", field="name", code="taken")
    checked: Spec = parse_spec(spec)
    source = source or OrderSource(kind=SourceKind.FILE)
    source.name, source.spec, source.is_active = name, checked.to_json(), is_active
    source.save()
    return source


__all__ = ["SpecError", "find_source", "load_source", "save_source"]
