"""What becomes of this app's rows about a partner that is merged into another; see `partners.merges`."""

from typing import cast
from uuid import UUID

from orders.attribution import merged as orders_of
from orders.attribution.models import Answer
from orders.book.models import Order, OrderShare, ShareRule
from orders.runs.undo import count_held, rename_held
from partners.merges.registry import UNSAID, Moved, MovedTable, moved_rows


def _count_orders(partner_id: UUID) -> int:
    return Order.objects.filter(partner=partner_id).count()


def _move_orders(merged: UUID, survivor: UUID) -> Moved:
    given = orders_of.give_orders(merged, to=survivor)
    return Moved(given.ids, {"own": [str(pk) for pk in given.own], "codes": given.codes})


def _put_orders_back(moved: Moved, merged: UUID, survivor: UUID) -> int:
    given = orders_of.Given(
        moved.ids,
        [UUID(pk) for pk in cast("list[str]", moved.notes.get("own", []))],
        cast("list[str]", moved.notes.get("codes", [])),
    )
    return orders_of.return_orders(given, survivor, to=merged)


PARTNER_TABLES = [
    # Before the codes move: which of the survivor's orders came by them is asked here.
    MovedTable(
        table="orders_order",
        nouns=("order", "orders"),
        count=_count_orders,
        move=_move_orders,
        put_back=_put_orders_back,
        order=5,
    ),
    MovedTable(
        table="orders_ordershare",
        nouns=("shared credit", "shared credits"),
        count=lambda partner_id: OrderShare.objects.filter(partner=partner_id).count(),
        move=lambda merged, survivor: Moved(orders_of.give_shares(merged, to=survivor)),
        put_back=lambda moved, merged, survivor: orders_of.return_shares(
            [UUID(str(pk)) for pk in moved.ids], survivor, to=merged
        ),
        order=10,
    ),
    # Two rules about the same cannot both hold: the survivor's does. One between the two shares nothing any more, until
    # they are two again.
    moved_rows(
        ShareRule,
        "subject",
        nouns=("rule that shares orders", "rules that share orders"),
        one_per=("case", "region"),
        not_beside="to",
        order=30,
    ),
    moved_rows(
        ShareRule,
        "to",
        nouns=("rule that shares orders", "rules that share orders"),
        not_beside="subject",
        order=31,
    ),
    # Answers are given under the order lock.
    moved_rows(Answer, nouns=("decision about orders", "decisions about orders"), order=20, sends_on=False),
    moved_rows(Answer, "previous", nouns=("decision about orders", "decisions about orders"), order=21),
    MovedTable(
        table="orders_heldbefore",
        column="held",
        nouns=UNSAID,
        count=count_held,
        move=lambda merged, survivor: Moved(rename_held(merged, survivor)),
        put_back=lambda moved, merged, survivor: len(rename_held(survivor, merged, only=moved.ids)),
        order=25,
    ),
]
