"""The same acts, done by the product, and what it says afterwards, in the words of the model."""

from datetime import date
from decimal import Decimal

import numpy as np
from django.db import connection

from orders.attribution import service as attribution
from orders.attribution.models import Answer
from orders.book.models import Order, ShareRule
from orders.doors.rest.service import take_orders
from orders.rates.service import set_rate
from orders.rejects import service as rejecting
from orders.rejects.models import RejectedLine
from orders.runs import service as runs
from orders.shares import service as sharing
from orders.shares.service import Part
from orders.sources.service import save_source
from orders.states import ShareCase
from partners.directory.models import Partner, ReferralCode
from partners.merges.service import merge_partners, undo_merge
from partners.standing.inputs import Ledger, Wanted
from prm.tenancy.work.models import Job
from tests.orders.factories import COLUMNS, csv_text, run_import
from tests.orders.histories.model import EUR, FOREIGN, MEMBERS, PRACTICE, RATES_FROM
from tests.partners.factories import make_partner

HEADER = "No,Date,Code,Item,Qty,Price,St,Cur,Shares"
SPEC = {
    "columns": COLUMNS | {"state": "St", "currency": "Cur", "credit": "Shares"},
    "cancellations": {"number_prefixes": ["C"]},
}
FIELDS = ("number", "date", "code", "product_code", "quantity", "unit_price", "state", "currency", "credit")
_OF = "FROM orders_order o JOIN orders_ordersource s ON s.id = o.source_id"
SEEN = "; ".join(
    (
        "SELECT s.name, o.number, o.code, o.partner_id, o.amount, o.units, o.state, o.counted, o.is_reversal, o.month,"
        f" o.currency {_OF}",
        "SELECT s.name, o.number, p.code, l.quantity, l.amount, l.refund <> ''"
        f" {_OF} JOIN orders_orderline l ON l.order_id = o.id LEFT JOIN orders_product p ON p.id = l.product_id",
        f"SELECT s.name, o.number, h.partner_id, h.percent, h.origin {_OF} JOIN orders_ordershare h ON h.order_id = o.id",
        "SELECT partner_id, month, orders, units, revenue, first_on, last_on FROM partners_partnermonth",
        "SELECT s.name, r.number, r.state FROM orders_rejectedline r JOIN orders_ordersource s ON s.id = r.source_id",
        "SELECT scheme, normal, partner_id FROM partners_referralcode",
    )
)
RE_SHARE = "orders.share_by_rules"


def _cells(doc, item, quantity):
    return [
        doc.number, doc.day.isoformat(), "" if doc.credits else doc.code, item.product, str(quantity), str(item.price), doc.state,
        "EUR" if doc.number == FOREIGN else "USD", ";".join(f"{code}:{percent}" for code, percent in doc.credits),
    ]  # fmt: skip


class Product:
    """A tenant with two sources of one scheme each and four partners, the last of which is the practice of the first two."""

    def __init__(self, sources, creates):
        self.sources = {
            name: save_source(
                None, name=name, spec={**SPEC, "code_scheme": scheme, "create_partners": name in creates}
            )
            for name, scheme in sources.items()
        }
        set_rate("EUR", since=RATES_FROM, rate=EUR)
        practice = make_partner("Practice", kind="practice")
        self.people = [
            make_partner(f"Person {n}", organisation=practice if n in MEMBERS else None)
            for n in range(PRACTICE)
        ]
        self.pks = {n: partner.pk for n, partner in enumerate([*self.people, practice])}

        self.names = {pk: n for n, pk in self.pks.items()}
        self.there = dict(self.pks)
        self.runs, self.merges = [], []

    def keep_beginning(self):
        """Let every history begin here."""
        self._beginning = dict(self.names), dict(self.there), list(self.runs), list(self.merges)
        Job.objects.all().delete()

    def begin(self):
        """Begin a history: what another one did is rolled back."""
        names, there, runs_, merges = self._beginning
        self.names, self.there, self.runs, self.merges = dict(names), dict(there), list(runs_), list(merges)

    # --- acts ---------------------------------------------------------------------------------------

    def take(self, source, files, *, by_program=False):
        if by_program:
            bodies = [_body(doc) for docs in files for doc in docs]
            outcomes = take_orders(self.sources[source], bodies)
            assert not [one.errors for one in outcomes if one.errors]
            return
        texts = [
            csv_text(*(",".join(row) for doc in docs for row in _rows(doc)), header=HEADER) for docs in files
        ]
        run = run_import(self.sources[source], *texts)
        assert run.state == "done", run.message
        self.runs.append(run.pk)

    def reject(self, reject):
        doc = reject.doc
        found = RejectedLine.objects.filter(source=self.sources[reject.source], raw__number=doc.number)
        wanted = dict(zip(FIELDS, _cells(doc, doc.bad, "x"), strict=False))
        return next(line for line in found if line.raw.items() >= wanted.items())

    def correct(self, reject):
        line = self.reject(reject)
        rejecting.correct(line.pk, line.raw | {"quantity": "1"})

    def dismiss(self, reject):
        rejecting.dismiss(RejectedLine.objects.filter(pk=self.reject(reject).pk))

    def reopen(self, reject):
        rejecting.reopen(RejectedLine.objects.filter(pk=self.reject(reject).pk))

    def order(self, order):
        return Order.objects.values_list("pk", flat=True).get(
            source=self.sources[order.source], number=order.number
        )

    def tie_code(self, code, scheme, who):
        attribution.tie_code(code, scheme=scheme, partner_id=self.there[who])

    def untie_code(self, code, scheme):
        attribution.untie_code(code, scheme=scheme)

    def tie_order(self, order, who):
        if who is None:
            attribution.untie_orders([self.order(order)])
        else:
            attribution.tie_orders([self.order(order)], partner_id=self.there[who])

    def set_aside_code(self, code, scheme):
        attribution.ignore_code(code, scheme=scheme)

    def set_aside_order(self, order):
        attribution.ignore_orders([self.order(order)])

    def undo_answer(self, place):
        attribution.undo_answer(Answer.objects.order_by("pk").values_list("pk", flat=True)[place])

    def share(self, order, parts):
        sharing.share_order(self.order(order), [Part(self.there[who], percent) for who, percent in parts])

    def unshare(self, order):
        sharing.unshare_order(self.order(order))

    def save_rule(self, case, subject, to, percent, since):
        def partner(who):
            return None if who is None else Partner.objects.get(pk=self.there[who])

        sharing.save_rule(
            case=ShareCase(case), subject=partner(subject), to=partner(to), percent=percent, since=since
        )

    def remove_rule(self, place):
        sharing.remove_rule(ShareRule.objects.order_by("pk").values_list("pk", flat=True)[place])

    def merge(self, survivor, merged):
        self.merges.append(merge_partners(self.there[survivor], merged_id=self.there[merged], take=()).pk)

    def undo_merge(self, place):
        undo_merge(self.merges[place])

    def take_back(self, place):
        runs.take_back(self.runs[place])

    def afterwards(self):
        """Do what the last act has asked the background for."""
        if Job.objects.filter(name=RE_SHARE).delete()[0]:
            sharing.share_by_rules()

    # --- what it says -------------------------------------------------------------------------------

    def name_people(self, codes):
        """Name partners that imports have made since, by the codes they were made of; `codes` are the model's."""
        new = Partner.with_merged.exclude(pk__in=self.names).values_list("pk", flat=True)
        made_of = ReferralCode.objects.filter(partner__in=list(new)).values_list(
            "partner", "scheme", "normal"
        )
        for pk, scheme, code in made_of:
            name = codes[scheme, code].owner if (scheme, code) in codes else "nobody's"
            self.names[pk], self.there[name] = name, pk

    def seen(self):
        """All that is held, in one question: orders, lines that count, shares, months, rejected lines and codes."""
        rows = []
        with connection.cursor() as cursor:
            cursor.execute(SEEN)
            while True:
                rows.append(cursor.fetchall())
                if not cursor.nextset():
                    break
        orders, lines, shares, months, rejects, codes = rows
        names = self.names
        return {
            "orders": {
                (source, no): (code, names.get(who), *rest) for source, no, code, who, *rest in orders
            },
            "lines": _grouped((source, no, tuple(line)) for source, no, *line in lines),
            "shares": _grouped((source, no, (names[who], *rest)) for source, no, who, *rest in shares),
            "months": {(names[who], month): tuple(rest) for who, month, *rest in months},
            "rejects": sorted(rejects),
            "codes": {(scheme, code): names[who] for scheme, code, who in codes},
        }

    def queue(self):
        return {(w.code, w.scheme): (w.orders, w.amount, w.cancelled) for w in attribution.waiting()}

    def standing_inputs(self):
        """What standings are computed from: revenue in all, orders, first and last day, by partner."""
        ids = sorted(self.names)
        months = Ledger(Wanted(ids), date(2026, 6, 30), 25).months()
        found = {}
        for place, pk in enumerate(ids):
            orders, revenue = int(months.orders[place].sum()), Decimal(int(months.total[place])) / 10_000
            days = [months.first_on[place], months.last_on[place]]
            if orders or revenue:
                found[self.names[pk]] = (
                    orders,
                    revenue,
                    *(None if np.isnat(d) else d.astype(object) for d in days),
                )
        return found


def _grouped(rows):
    found = {}
    for source, number, row in rows:
        found.setdefault((source, number), []).append(row)
    return {key: sorted(some, key=str) for key, some in found.items()}


def _rows(doc):
    rows = [_cells(doc, item, item.quantity) for item in doc.items]
    return [*rows, _cells(doc, doc.bad, "x")] if doc.bad else rows


def _body(doc):
    lines = [
        {"product_code": i.product, "quantity": i.quantity, "unit_price": str(i.price)} for i in doc.items
    ]
    currency = "EUR" if doc.number == FOREIGN else "USD"
    return {
        "number": doc.number, "placed_at": doc.day.isoformat(), "code": doc.code, "state": doc.state,
        "currency": currency, "lines": lines,
    }  # fmt: skip
