"""After every step of any history the product says what the model says, and everything sums to the orders.

By default 200 short histories: half go on by a step from a young tenant, half from one with shares, merges and refunds. `make soak`
plays longer ones, as many as HISTORIES and MINUTES say, and counts what they did; STEPS says how long they are.
"""

import os
import time
from collections import Counter
from copy import deepcopy
from datetime import date
from decimal import Decimal

import pytest
from django.db import transaction
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from prm.core.errors import Refused
from tests.orders.histories.model import PRACTICE, Doc, Forbidden, Item, Model
from tests.orders.histories.product import Product

SOURCES, CREATES = {"Clinic": "", "Web": "web"}, {"Web"}
APRIL, MAY, JUNE = date(2026, 4, 20), date(2026, 5, 10), date(2026, 6, 2)
PEOPLE = list(range(PRACTICE + 1))

# --- what is sent -----------------------------------------------------------------------------------

# With which codes versions of an order come; the first is also that of its refunds.
CODES = {"1": ("A1", "A2"), "2": ("", "A2"), "3": ("A1", "A2"), "C4": ("A2",)}
items = st.builds(
    Item,
    st.sampled_from("XY"),
    st.sampled_from([1, 2, -1]),
    st.sampled_from([Decimal(10), Decimal("3.35"), Decimal("0.335")]),
)


SHARED = [(("A1", Decimal(60)), ("A2", Decimal(40))), (("A2", Decimal(50)), ("A3", Decimal(50)))]


def _doc(number, place, day, lines, bad, state, shared):
    code = CODES[number][place % len(CODES[number])]
    doc = Doc(number, code, day, tuple(lines), bad, state)
    if shared and not (doc.is_refund or doc.is_reversal):
        doc = doc._replace(code=shared[0][0], credits=shared)
    if doc.is_refund:
        return doc._replace(code=CODES[number][0], bad=None, state="completed")
    if doc.is_reversal or not lines:
        return doc._replace(
            bad=None if doc.is_reversal else bad or Item("Z", 1, Decimal(5)),
            items=tuple(lines or (() if not doc.is_reversal else (Item("X", 1, Decimal(5)),))),
        )
    return doc


bad_lines = st.sampled_from([None, None, None, Item("Z", 1, Decimal(7)), Item("Z", 1, Decimal(9))])
docs = st.builds(
    _doc,
    st.sampled_from(list(CODES)),
    st.integers(0, 1),
    st.sampled_from([APRIL, MAY, JUNE]),
    st.lists(items, max_size=2),
    bad_lines,
    st.sampled_from(["completed", "completed", "completed", "cancelled"]),
    st.sampled_from([(), (), *SHARED]),
)
files = st.lists(docs, min_size=1, max_size=3, unique_by=lambda doc: doc.number)
good_docs = docs.filter(lambda doc: doc.items).map(lambda doc: doc._replace(bad=None))
batches = st.lists(good_docs, min_size=1, max_size=3, unique_by=lambda doc: doc.number)
person, place = st.sampled_from(PEOPLE), st.integers(0, 50)
codes, schemes = st.sampled_from(["A1", "A2", "A3"]), st.sampled_from(["", "web"])
percents = st.sampled_from([Decimal(50), Decimal("33.33"), Decimal(10), Decimal(99)])

PLAYED = Counter()


def _shared_by(source, docs):
    """Only one of the sources has a column for shared credit that is used."""
    return [doc if source == "Clinic" else doc._replace(credits=()) for doc in docs]


def play(model, product, name, *about, to=None, **more):
    """Do the same in both; the product refuses what the rules forbid and nothing else. `to`: how the product calls it."""
    PLAYED["steps"] += 1
    try:
        with transaction.atomic():
            getattr(product, name)(*(about if to is None else to), **more)
    except Refused as refused:
        PLAYED["refused"] += 1
        try:
            getattr(model, name)(*about, **more)
        except Forbidden:
            return
        raise AssertionError(f"{name} is refused, and nothing forbids it") from refused
    getattr(model, name)(*about, **more)
    product.afterwards()
    product.name_people(model.codes)


TEN, LESS, BAD = Item("X", 1, Decimal(10)), Item("Y", 2, Decimal("3.35")), Item("Z", 1, Decimal(7))
YOUNG = (
    (
        "take",
        "Clinic",
        [
            [
                Doc("1", "A1", MAY, (TEN, LESS), BAD),
                Doc("2", "", MAY, (TEN,)),
                Doc("3", "A1", JUNE, (LESS,), BAD),
            ]
        ],
    ),
    ("tie_code", "A1", "", 0),
    ("take", "Web", [[Doc("1", "A1", APRIL, (LESS,))]]),
    ("save_rule", "organisation", None, None, Decimal(10), MAY),
    ("take", "Clinic", [[Doc("2", "A1", MAY, (LESS,), credits=SHARED[0]), Doc("C4", "A2", JUNE, (LESS,))]]),
)
#: Acts about orders, which are named by their keys.
OLDER = (
    *YOUNG,
    ("tie_code", "A2", "", 2),
    ("share", ("Clinic", "1"), [(3, Decimal(60)), (1, Decimal(40))]),
    ("tie_order", ("Clinic", "3"), 1),
    ("merge", 1, 2),
    (
        "take",
        "Clinic",
        [[Doc("1", "A2", JUNE, (TEN,)), Doc("3", "A1", JUNE, (Item("Y", -1, Decimal("3.35")),))]],
    ),
)


def a_beginning(name, acts):
    """A tenant in which something has happened already: every history goes on from here, and so can be short."""
    model, product = Model(PEOPLE, SOURCES, CREATES), Product(SOURCES, CREATES)
    for act, *about in acts:
        named = [model.orders.get(one, one) if isinstance(one, tuple) else one for one in about]
        play(model, product, act, *named)
    PLAYED[name] += 1
    product.keep_beginning()
    return model, product


class Histories(RuleBasedStateMachine):
    """One history from the beginning on; it is rolled back at its end."""

    beginning = product = None

    def __init__(self):
        super().__init__()
        self.model = deepcopy(self.beginning)
        self.product.begin()
        self.block = transaction.atomic()
        self.block.__enter__()
        PLAYED["histories"] += 1

    def teardown(self):
        try:
            self.standing_inputs_agree()
        finally:
            transaction.set_rollback(True)
            self.block.__exit__(None, None, None)

    def both(self, name, *about, to=None, **more):
        play(self.model, self.product, name, *about, to=to, **more)

    def one_of(self, things, number):
        return things[number % len(things)]

    # --- steps --------------------------------------------------------------------------------------

    @rule(source=st.sampled_from(list(SOURCES)), sent=st.lists(files, min_size=1, max_size=2))
    def import_files(self, source, sent):
        self.both("take", source, [_shared_by(source, docs) for docs in sent])

    @rule(source=st.sampled_from(list(SOURCES)), sent=files)
    def import_file(self, source, sent):
        self.both("take", source, [_shared_by(source, sent)])

    @rule(source=st.sampled_from(list(SOURCES)), sent=batches)
    def send(self, source, sent):
        self.both("take", source, [[doc._replace(credits=())] for doc in sent], by_program=True)

    @precondition(lambda self: self.model.open_rejects())
    @rule(number=place)
    def correct(self, number):
        self.both("correct", self.one_of(self.model.open_rejects(), number))

    @precondition(lambda self: self.model.open_rejects())
    @rule(number=place)
    def dismiss(self, number):
        reject = self.one_of(self.model.open_rejects(), number)
        self.product.dismiss(reject)
        reject.state = "dismissed"

    @precondition(lambda self: self.model.open_rejects("dismissed"))
    @rule(number=place)
    def reopen(self, number):
        reject = self.one_of(self.model.open_rejects("dismissed"), number)
        self.product.reopen(reject)
        reject.state = "open"

    @rule(code=codes, scheme=schemes, who=person)
    def tie_code(self, code, scheme, who):
        self.both("tie_code", code, scheme, who)

    @precondition(lambda self: self.model.codes)
    @rule(number=place)
    def untie_code(self, number):
        scheme, code = self.one_of(sorted(self.model.codes), number)
        self.both("untie_code", code, scheme)

    @rule(code=codes, scheme=schemes)
    def set_aside_code(self, code, scheme):
        self.both("set_aside_code", code, scheme)

    @precondition(lambda self: self.model.orders)
    @rule(number=place, who=st.one_of(person, st.none()))
    def tie_order(self, number, who):
        self.both("tie_order", self.one_of(list(self.model.orders.values()), number), who)

    @precondition(lambda self: self.model.orders)
    @rule(number=place)
    def set_aside_order(self, number):
        self.both("set_aside_order", self.one_of(list(self.model.orders.values()), number))

    @precondition(lambda self: self.model.answers)
    @rule(number=place)
    def undo_answer(self, number):
        answer = self.one_of(self.model.answers, number)
        self.both("undo_answer", answer, to=[self.model.answers.index(answer)])

    @precondition(lambda self: self.model.orders)
    @rule(number=place, percent=percents, first=person, second=person)
    def share(self, number, percent, first, second):
        if first != second:
            order = self.one_of(list(self.model.orders.values()), number)
            self.both("share", order, [(first, percent), (second, 100 - percent)])

    @precondition(lambda self: any(order.hand for order in self.model.orders.values()))
    @rule(number=place)
    def unshare(self, number):
        self.both("unshare", self.one_of([o for o in self.model.orders.values() if o.hand], number))

    @rule(subject=person, to=person, percent=percents, since=st.sampled_from([None, MAY]))
    def save_rule(self, subject, to, percent, since):
        if {subject, to} & self.model.into.keys():
            return
        self.both("save_rule", "partner", subject, to, percent, since)

    @rule(
        subject=st.sampled_from([None, PRACTICE]),
        to=st.sampled_from([None, 2]),
        percent=percents,
        since=st.sampled_from([None, MAY]),
    )
    def save_rule_of_members(self, subject, to, percent, since):
        if {subject, to} & self.model.into.keys():
            return
        self.both("save_rule", "organisation", subject, to, percent, since)

    @precondition(lambda self: self.model.rules)
    @rule(number=place)
    def remove_rule(self, number):
        one = self.one_of(self.model.rules, number)
        self.both("remove_rule", one, to=[self.model.rules.index(one)])

    @rule(survivor=person, merged=person)
    def merge(self, survivor, merged):
        self.both("merge", survivor, merged)

    @precondition(lambda self: self.model.merges)
    @rule(number=place)
    def undo_merge(self, number):
        one = self.one_of(self.model.merges, number)
        self.both("undo_merge", one, to=[self.model.merges.index(one)])

    @precondition(lambda self: self.model.runs)
    @rule(number=place)
    def take_back(self, number):
        run = self.one_of(self.model.runs, -1 - number % 2)
        self.both("take_back", run, to=[self.model.runs.index(run)])

    # --- what must hold -----------------------------------------------------------------------------

    @invariant()
    def all_agrees(self):
        model, seen = self.model, self.product.seen()
        assert seen["orders"] == {
            key: (o.code, o.partner, o.amount, Decimal(o.units), o.state, o.counted, o.is_reversal,
                  o.day.replace(day=1), "EUR" if o.is_foreign else "USD")
            for key, o in model.orders.items()
        }  # fmt: skip
        assert seen["lines"] == {key: lines_of(order) for key, order in model.orders.items()}
        parts = {key: model.parts_of(order) for key, order in model.orders.items()}
        assert seen["shares"] == {
            key: sorted(((part.who, part.percent, origin) for part in some), key=str)
            for key, (some, origin) in parts.items()
            if some
        }
        assert seen["months"] == model.months()
        assert seen["rejects"] == sorted((r.source, r.doc.number, r.state) for r in model.rejects)
        assert seen["codes"] == {key: code.owner for key, code in model.codes.items()}
        assert self.product.queue() == model.queue()
        self.months_sum_to_the_orders(seen)

    def months_sum_to_the_orders(self, seen):
        """What counts of orders is in months or in the queue, to the last digit."""
        counting = [o for o in seen["orders"].values() if o[1] is not None and o[4] != "cancelled"]
        months = seen["months"].values()
        assert sum(month[2] for month in months) == sum(order[5] or 0 for order in counting)
        assert sum(month[1] for month in months) == sum(order[3] for order in counting)

    def standing_inputs_agree(self):
        expected = {}
        for (who, _), (orders, _, revenue, first, last) in self.model.months().items():
            sums = expected.setdefault(who, [0, Decimal(0), [], []])
            sums[0] += orders
            sums[1] += revenue
            sums[2] += [first] if first else []
            sums[3] += [last] if last else []
        assert self.product.standing_inputs() == {
            who: (orders, revenue, min(first, default=None), max(last, default=None))
            for who, (orders, revenue, first, last) in expected.items()
            if orders or revenue
        }


def lines_of(order):
    """Return an order's lines as they are stored: a cancellation document counts negative as a whole."""
    signs = [
        -1 if order.is_document and sum(what(line.item) for line in order.own) > 0 else 1
        for what in (lambda item: item.quantity, lambda item: item.amount)
    ]
    own = [
        (i.product, signs[0] * i.quantity, signs[1] * i.amount, False)
        for i in (line.item for line in order.own)
    ]
    own += [(line.item.product, line.item.quantity, line.item.amount, True) for line in order.refunds]
    return sorted(
        own,
        key=lambda line: str(
            (line[0], Decimal(f"{line[1]}.0000"), line[2].quantize(Decimal("0.0001")), line[3])
        ),
    )


@pytest.mark.parametrize("acts", [YOUNG, OLDER], ids=["young", "older"])
def test_every_history_ends_as_the_model_says(in_mercy, record_property, acts):
    is_soak = "PRM_SOAK" in os.environ
    minutes, many = float(os.environ.get("MINUTES", "0")), int(os.environ.get("HISTORIES", "200"))
    PLAYED.clear()
    Histories.beginning, Histories.product = a_beginning("beginnings", acts)
    begun = time.monotonic()
    while True:
        run_state_machine_as_test(
            Histories,
            settings=settings(
                max_examples=max(1, many // 2),
                stateful_step_count=int(os.environ.get("STEPS", "25" if is_soak else "1")),
                derandomize=not is_soak,
                database=None,
                suppress_health_check=list(HealthCheck),
                phases=[Phase.generate, Phase.shrink],
            ),
        )
        if time.monotonic() - begun >= minutes * 30:
            break
    for name, number in PLAYED.items():
        record_property(name, number)
