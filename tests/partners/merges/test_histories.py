"""Random histories of orders, ties, merges and undos against a plain model of whose every order is."""

from collections import defaultdict
from contextlib import contextmanager
from dataclasses import dataclass, field
from decimal import Decimal

import pytest
from django.db import transaction
from hypothesis import given, settings
from hypothesis import strategies as st

from orders.attribution import service as attribution
from orders.book.models import Order
from partners.directory.models import Partner, ReferralCode
from partners.merges.service import merge_partners, undo_merge
from partners.standing.models import PartnerMonth
from prm.core.errors import Refused
from tests.orders.factories import import_rows, make_source
from tests.partners.factories import make_partner

PEOPLE, CODES = range(3), range(5)
person, code = st.sampled_from(PEOPLE), st.sampled_from(CODES)
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("order"), code, st.sampled_from(("05", "06"))),
        st.tuples(st.just("tie_code"), code, person),
        st.tuples(st.just("tie_order"), st.integers(0, 9), person),
        st.tuples(st.just("merge"), person, person),
        st.tuples(st.just("merge"), person, person),
        st.tuples(st.just("undo"), st.integers(0, 5)),
    ),
    min_size=4,
    max_size=10,
)


@dataclass
class Model:
    """What is true: whose each code is, and of each order its code, month, amount and owner."""

    codes: dict = field(default_factory=dict)
    orders: list = field(default_factory=list)
    merged: dict = field(default_factory=dict)
    log: list = field(default_factory=list)

    def of(self, who):
        return {code for code, owner in self.codes.items() if owner == who}

    def order(self, code, month):
        self.orders.append([code, month, Decimal(len(self.orders) + 1), self.codes.get(code)])

    def tie_code(self, code, who):
        if who in self.merged or self.codes.get(code, who) != who:
            return False
        self.codes[code] = who
        for order in self.orders:
            if order[0] == code and order[3] is None:
                order[3] = who
        return True

    def tie_order(self, number, who):
        if who in self.merged:
            return False
        if number < len(self.orders):
            self.orders[number][3] = who
        return True

    def merge(self, into, who):
        if into == who or into in self.merged or who in self.merged:
            return False
        codes = self.of(who)
        moved = {n for n, order in enumerate(self.orders) if order[3] == who}
        own = {n for n, order in enumerate(self.orders) if order[3] == into and order[0] in codes}
        for n in moved:
            self.orders[n][3] = into
        self.codes |= dict.fromkeys(codes, into)
        self.merged[who] = into
        self.log.append((into, who, codes, moved, own, {self.orders[n][0] for n in moved}))
        return True

    def undo(self, place):
        if place >= len(self.log) or self.log[place] is None or self.log[place][0] in self.merged:
            return False
        into, who, codes, moved, own, sent = self.log[place]
        self.log[place] = None
        del self.merged[who]
        self.codes |= {code: who for code in codes if self.codes.get(code) == into}
        for n, order in enumerate(self.orders):
            if order[3] != into:
                continue
            recoded = order[0] in self.of(into) and order[0] not in sent
            since = n not in own and order[0] in self.of(who)
            if (n in moved and not recoded) or since:
                order[3] = who
        return True

    def months(self):
        sums = defaultdict(Decimal)
        for _, month, amount, owner in self.orders:
            if owner is not None:
                sums[owner, month] += amount
        return dict(sums)


class Product:
    """The same acts, done."""

    def __init__(self):
        self.source = make_source()
        self.people = [make_partner(f"Person {n}").pk for n in PEOPLE]
        self.log, self.count = [], 0

    def order(self, code, month):
        self.count += 1
        import_rows(self.source, f"{self.count},2026-{month}-10,C{code},A,1,{self.count}")
        return True

    def tie_code(self, code, who):
        attribution.tie_code(f"C{code}", scheme="", partner_id=self.people[who])

    def tie_order(self, number, who):
        ids = Order.objects.filter(number=str(number + 1)).values_list("pk", flat=True)
        attribution.tie_orders(list(ids), partner_id=self.people[who])

    def merge(self, into, who):
        self.log.append(merge_partners(self.people[into], merged_id=self.people[who]).pk)

    def undo(self, place):
        if place >= len(self.log):
            raise Refused("Nothing to take back.")
        undo_merge(self.log[place])

    def orders(self):
        rows = Order.objects.values_list("number", "partner_id")
        return {int(n) - 1: self.people.index(who) if who else None for n, who in rows}

    def codes(self):
        return {
            int(c[1:]): self.people.index(who)
            for c, who in ReferralCode.objects.values_list("normal", "partner")
        }

    def months(self):
        rows = PartnerMonth.objects.all()
        return {(self.people.index(row.partner_id), f"{row.month:%m}"): row.revenue for row in rows}


@contextmanager
def undone():
    """Leave nothing of what is done in the block."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


@pytest.fixture
def tenant(house, scope):
    with scope():
        yield house


def test_every_history_ends_as_the_model_says(tenant):
    @settings(max_examples=25, derandomize=True)
    @given(STEPS)
    def run(steps):
        with undone():
            model, product = Model(), Product()
            for act, *about in steps:
                allowed = getattr(model, act)(*about)
                try:
                    getattr(product, act)(*about)
                except Refused:
                    assert allowed is False
                else:
                    assert allowed is not False
                assert product.orders() == {n: order[3] for n, order in enumerate(model.orders)}
                assert product.codes() == model.codes
                assert product.months() == model.months()
            there = {product.people.index(pk) for pk in Partner.objects.values_list("pk", flat=True)}
            assert there == set(PEOPLE) - set(model.merged)

    run()
