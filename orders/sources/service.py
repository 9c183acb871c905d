"""Writes of order sources: from a TOML file, and from the settings that a form or a preview gives."""

from collections.abc import Mapping

from django.db import transaction

from orders.sources import kinds
from orders.sources.models import OrderSource
from orders.sources.spec import SourceFile, Spec
from prm.accounts.rights import Right
from prm.core.errors import Refused
from prm.tenancy.base import id_for
from prm.tenancy.use_cases import needs_no_right, requires


@needs_no_right("reads, for commands")
def find_source(name: str) -> OrderSource:
    """Return the source with this name. Raises `Refused` naming those that exist."""
    source: OrderSource | None = OrderSource.objects.filter(name=name).first()
    if source is not None:
        return source
    known = ", ".join(repr(name) for name in OrderSource.objects.values_list("name", flat=True)[:20])
    choice = f"There are: {known}." if known else "There is none yet: make one with order_source --load FILE."
    raise Refused(f"No order source is called {name!r}. {choice}", field="source", code="unknown_source")


@requires(Right.SOURCE_EDIT)
@transaction.atomic
def load_source(text: str) -> tuple[OrderSource, bool]:
    """Create or change a source from TOML; return it and whether it is new.

    Raises `SchemaError` with everything that is wrong with the text, and `Refused` for what cannot change any more.
    """
    file = SourceFile.load(text)
    source = OrderSource.objects.select_for_update().filter(name=file.name).first()
    if source is None:
        return OrderSource.objects.create(name=file.name, kind=file.kind, spec=file.spec.to_json()), True
    _check_lines(source, file.spec)
    source.kind, source.spec = file.kind, file.spec.to_json()
    source.save(update_fields=["kind", "spec"])
    return source, False


@requires(Right.SOURCE_EDIT)
@transaction.atomic
def save_source(
    source: OrderSource | None,
    *,
    name: str,
    spec: Mapping[str, object],
    is_active: bool = True,
    kind: str | None = None,
) -> OrderSource:
    """Create or change a source from the JSON form of its specification.

    Without a `kind` it stays as it is, a new one is of files. Raises `Refused` for an empty or taken name and for an
    unknown kind, and `SchemaError` for the specification.
    """
    name = name.strip()
    if not name or len(name) > 80:
        raise Refused("Give the source a name of at most 80 characters.", field="name")
    taken = OrderSource.objects.filter(name=name)
    if (taken if source is None else taken.exclude(pk=source.pk)).exists():
        raise Refused(f"There is a source called {name!r} already.", field="name", code="taken")
    if kind is not None and kind not in kinds.known():
        raise Refused(f"{kind!r} is no kind of source.", field="kind")
    checked = Spec.parse(spec)
    if source is not None:
        _check_lines(source, checked)
    source = source or OrderSource(id=id_for(OrderSource, "source", name))
    source.name, source.spec, source.is_active = name, checked.to_json(), is_active
    source.kind = kind or source.kind
    source.save()
    return source


def _check_lines(source: OrderSource, spec: Spec) -> None:
    """Refuse to change what a file brings of an order while there are orders: lines that are held would count twice."""
    held: Mapping[str, object] = source.spec or {}
    if (
        source.pk
        and held
        and held.get("order_lines", "replaces") != spec.order_lines
        and source.orders.exists()
    ):
        raise Refused(
            f"Orders of {source.name} are held already, and what a file brings of an order cannot change any more: lines would"
            " count twice. Make another source, or take the imports of this one back first.",
            field="order_lines",
            code="has_orders",
        )
