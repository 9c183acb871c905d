"""The tenant's own fields of orders from a list (`prm.bringing`): orders are found by number, none is made."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from uuid import UUID

from orders.book.models import Order
from orders.book.service import set_own
from orders.sources.models import OrderSource
from prm.accounts.rights import Right
from prm.bringing import Change, Column, Kind, Match, Row, Type, Values
from prm.core.errors import Refused
from prm.ownfields import columns as own
from prm.tenancy.context import order_nouns, say_of_orders


def _sources() -> Mapping[str, str]:
    return dict(OrderSource.objects.values_list("name", "name"))


def _find(rows: Sequence[Row]) -> Sequence[Match]:
    """Return which orders rows mean (2 queries): by number, and by source where two have the same number."""
    numbers = {row.values.get("number", "") for row in rows}
    known: dict[str, list[Order]] = defaultdict(list)
    # The index of numbers begins with their source.
    sources = list(OrderSource.objects.values_list("pk", flat=True))
    orders = Order.objects.filter(source__in=sources, number__in=numbers).select_related("source")
    for order in orders.prefetch_related("own_values"):
        known[order.number].append(order)
    return [_match(row, known[row.values.get("number", "")]) for row in rows]


def _match(row: Row, orders: Sequence[Order]) -> Match:
    one, many = order_nouns()
    source = row.values.get("source", "")
    meant = [order for order in orders if not source or order.source.name == source]
    number = row.values.get("number", "")
    if not meant:
        return Match(problem=f"There is no {one} {number or 'without a number'} here.", field="number")
    if len(meant) > 1:
        names = ", ".join(sorted(order.source.name for order in meant))
        return Match(
            problem=f"{len(meant)} {many} have this number ({names}): say the source.", field="source"
        )
    order = meant[0]
    return Match(
        target=str(order.pk),
        name=order.number,
        by="number",
        keys=(str(order.pk),),
        current=_values(order) | _named(row),
    )


def _named(row: Row) -> dict[str, str]:
    """Return what only says which order a row means, as it says it."""
    return {key: row.values[key] for key in ("number", "source") if key in row.values}


def _values(order: Order) -> dict[str, str]:
    return own.present_in("order", order)


def _create(values: Values, about: str) -> UUID:
    raise Refused(
        say_of_orders("{Orders} come from their system; this list says more of them."),
        field="number",
        code="not_found",
    )


def _update(order_id: UUID, changed: Values, said: Values) -> None:
    del said
    set_own({order_id: own.own_of(changed)})


def _restore(order_id: UUID, changes: Mapping[str, Change], said: Values) -> None:
    _update(order_id, {key: old for key, (old, _) in changes.items()}, said)


def _remove(order_id: UUID) -> None:
    """Remove nothing: such a list makes no order."""


def _present(ids: Collection[UUID]) -> Mapping[UUID, Values]:
    orders = Order.objects.filter(pk__in=ids).prefetch_related("own_values")
    return {order.pk: _values(order) for order in orders}


def _nouns() -> tuple[str, str]:
    one, many = order_nouns()
    return f"own field of an {one}" if one[0] in "aeiou" else f"own field of a {one}", f"own fields of {many}"


KINDS = [
    Kind(
        key="order-fields",
        nouns=_nouns,
        summary="Your own fields of orders that are here, by their number.",
        rights=(Right.IMPORT_RUN, Right.ORDER_TIE),
        columns=(
            Column(
                key="number",
                label="Order number",
                type=Type.CODE,
                headings=("number", "no", "order", "orderno", "ordernumber", "auftragsnummer", "nummer"),
                longest=64,
                is_clue=True,
                needed=True,
            ),
            Column(
                key="source",
                label="Order source",
                type=Type.CHOICE,
                headings=("source", "system", "quelle"),
                choices=_sources,
                is_clue=True,
            ),
        ),
        more=lambda: own.columns_of("order"),
        clues=("number",),
        may_be_new=False,
        order=75,
        find=_find,
        create=_create,
        update=_update,
        restore=_restore,
        remove=_remove,
        present=_present,
    )
]
