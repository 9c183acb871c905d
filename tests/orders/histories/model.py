"""What is true of orders after any history, written from the rules of the design and not from the code.

No database, no import of the product: orders are objects, sums are made anew from all of them whenever they are asked for.
Rules that the design leaves open are said where they are decided (`decides:`).
"""

from copy import copy
from dataclasses import dataclass, field
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from itertools import count
from typing import NamedTuple

RATES_FROM, EUR = date(2026, 5, 1), Decimal("1.1")
# Orders of this number are in another currency than the tenant's, for which there is no rate before May.
FOREIGN = "3"
MEMBERS, PRACTICE = (0, 1), 3


class Forbidden(Exception):
    """The rules refuse this."""


class Item(NamedTuple):
    """A line as sent: what, how many, at which price."""

    product: str
    quantity: int
    price: Decimal

    @property
    def amount(self):
        return self.quantity * self.price


class Doc(NamedTuple):
    """One order as a file or a program sends it. `bad`: a line more whose quantity cannot be read.

    `credits`: who gets how much of it, as (code, per cent); none where the file says nothing.
    """

    number: str
    code: str
    day: date
    items: tuple
    bad: Item | None = None
    state: str = "completed"
    credits: tuple = ()

    @property
    def lines(self):
        """Its lines that count: what is repeated exactly counts once."""
        return tuple(Line(self.day, item, self.state) for item in dict.fromkeys(self.items))

    @property
    def is_reversal(self):
        return self.number.startswith("C")

    @property
    def is_refund(self):
        return not self.is_reversal and sum(line.item.amount for line in self.lines) < 0

    @property
    def content(self):
        return self.code, self.state, self.day, frozenset(self.items), frozenset(self.credits)

    @property
    def bad_content(self):
        return self.number, self.code, self.day, self.bad, self.state, self.credits


class Line(NamedTuple):
    day: date
    item: Item
    state: str
    by_hand: bool = False


@dataclass(eq=False)
class Part:
    who: object
    percent: Decimal


@dataclass(eq=False)
class Order:
    source: str
    number: str
    code: str = ""
    partner: object = None
    own: tuple = ()
    refunds: frozenset = frozenset()
    content: object = None
    sent: str = "completed"
    day: date = date.max
    is_ignored: bool = False
    run: object = None
    changes: int = 0
    hand: list = field(default_factory=list)
    shared_at: int = 0
    by_file: tuple = ()

    @property
    def is_document(self):
        return self.number.startswith("C")

    @property
    def counting(self):
        return [line for line in self.own if line.state != "cancelled" or self.sent == "cancelled"]

    def _own(self, what):
        total = sum((what(line.item) for line in self.counting), Decimal(0))
        return -abs(total) if self.is_document else total

    @property
    def refunded(self):
        return sum((line.item.amount for line in self.refunds), Decimal(0))

    @property
    def amount(self):
        return self._own(lambda item: item.amount) + self.refunded

    @property
    def units(self):
        return self._own(lambda item: item.quantity) + sum(line.item.quantity for line in self.refunds)

    @property
    def state(self):
        whole = self.refunded < 0 and self.amount == 0 and (self.own or self.content is not None)
        return "cancelled" if whole else self.sent

    @property
    def is_reversal(self):
        return self.is_document or self.amount < 0

    @property
    def is_foreign(self):
        return self.number == FOREIGN

    @property
    def counted(self):
        """What it counts as in the tenant's currency; None while no rate is known."""
        if not self.is_foreign:
            return self.amount
        if self.day < RATES_FROM:
            return None
        return (self.amount * EUR).quantize(Decimal("0.01"), ROUND_HALF_UP)


@dataclass(eq=False)
class Reject:
    source: str
    doc: Doc
    run: object
    state: str = "open"
    settled_in: object = None


@dataclass(eq=False)
class Run:
    source: str
    at: int
    before: dict = field(default_factory=dict)
    after: dict = field(default_factory=dict)
    is_back: bool = False


@dataclass(eq=False)
class Answer:
    kind: str
    at: int
    code: str = ""
    scheme: str = ""
    partner: object = None
    previous: object = None
    orders: list = field(default_factory=list)
    undone: bool = False


@dataclass(eq=False)
class Rule:
    case: str
    subject: object
    to: object
    percent: Decimal
    since: date | None


@dataclass(eq=False)
class Code:
    owner: object
    since: int


@dataclass
class Merge:
    survivor: object
    merged: object
    codes: list
    orders: list
    own: list
    sent: set
    parts: list
    held: list
    answers: list
    previous: list
    subjects: list
    gets: list
    members: list
    was_member: bool
    undone: bool = False


class Model:
    """The whole of it. Sources by name; those of `creates` make a partner of every unknown code."""

    def __init__(self, people, sources, creates):
        self.people, self.schemes, self.creates = list(people), dict(sources), set(creates)
        self.orders, self.codes, self.ignored = {}, {}, set()
        self.rejects, self.runs, self.answers, self.rules, self.merges = [], [], [], [], []
        self.into = {}
        self.organisation = dict.fromkeys(MEMBERS, PRACTICE)
        self.tick, self.made = count(1), count(1)
        self.now = 0

    # --- orders come in -----------------------------------------------------------------------------

    def take(self, source, files, *, by_program=False):
        """One import of files, the later of which have the last word; or what a program sends."""
        self.now = next(self.tick)
        run = None if by_program else Run(source, self.now)
        versions, refunds, hands = {}, {}, {}
        for doc in (doc for docs in files for doc in docs):
            corrected = doc.bad and self._reject(source, doc, run)
            if not doc.items and not corrected:
                continue
            if doc.is_refund:
                refunds.setdefault(doc.number, []).append(doc)
            else:
                versions[doc.number], hands[doc.number] = doc, corrected
        place = {number: n for n, number in enumerate([d.number for docs in files for d in docs])}
        for number in sorted({*versions, *refunds}, key=lambda number: place[number]):
            self._take_one(source, run, versions.get(number), hands.get(number), refunds.get(number, []))
        for number, version in versions.items():
            last = max(n for n, docs in enumerate(files) if version in docs)
            now_bad = {d.bad_content for docs in files[last:] for d in docs if d.bad and not d.is_refund}
            self._settle(source, number, now_bad, run)
        if run:
            self.runs.append(run)

    def _reject(self, source, doc, run):
        """Keep a bad line; return it as a person corrected the same content before, if so."""
        known = next(
            (r for r in self.rejects if r.source == source and r.doc.bad_content == doc.bad_content), None
        )
        if known is None:
            self.rejects.append(Reject(source, doc, run))
        elif known.state == "corrected":
            return self._by_hand(doc)
        elif known.state == "superseded":
            known.state, known.run, known.settled_in = "open", run, None
        return None

    @staticmethod
    def _by_hand(doc):
        return Line(doc.day, doc.bad._replace(quantity=1), doc.state, by_hand=True)

    def _settle(self, source, number, now_bad, run):
        """The order came again without lines that wait: they are no longer missed."""
        for reject in self.rejects:
            is_of = (reject.source, reject.doc.number, reject.state) == (source, number, "open")
            if is_of and reject.doc.bad_content not in now_bad:
                reject.state, reject.settled_in = "superseded", run

    def _take_one(self, source, run, version, hand, refunds):
        number = (version or refunds[0]).number
        held = self.orders.get((source, number))
        taken_off = held.refunds if held else frozenset()
        lines = {line for doc in refunds for line in doc.lines} - taken_off
        is_new = version is not None and (held is None or held.content != version.content)
        if not (is_new or lines):
            return
        order = held or Order(source, number)
        if run and number not in run.before:
            run.before[number] = copy(held) if held else None
        code = next((doc.code for doc in refunds if doc.code), "")
        if is_new:
            own = {line.item for line in version.lines}
            more = (hand,) if hand and hand.item not in own else ()
            # A refund that came before its order said whose it is; an order without a code keeps that.
            first = order.code if order.content is None else ""
            code = version.code or first or code
            order.own, order.content, order.sent = version.lines + more, version.content, version.state
            order.day = version.day
            self._share_by_file(order, version)
        else:
            code = order.code or code
            if order.content is None and not order.own:
                order.day = min([order.day, *(line.day for line in lines)])
        order.refunds = taken_off | lines
        self._attribute(order, code)
        order.run, order.changes = run, order.changes + 1
        self.orders[source, number] = order
        if run:
            run.after[number] = order.changes

    def _unknown(self, order):
        """The first code among those that share an order which is nobody's."""
        scheme = self.schemes[order.source]
        return next((code for code, _ in order.by_file if (scheme, code) not in self.codes), "")

    def _settle_file(self, order):
        """An order that is shared by its file is its first partner's, or waits as a whole under the code that is nobody's."""
        if not order.by_file:
            return
        unknown, scheme = self._unknown(order), self.schemes[order.source]
        if unknown and order.code != unknown:
            order.code, order.partner = unknown, None
        elif not unknown:
            order.code = order.by_file[0][0]
            order.partner, order.is_ignored = self.codes[scheme, order.code].owner, False

    def _settle_all(self):
        for order in self.orders.values():
            if order.partner is not None:
                self._settle_file(order)

    def _attribute(self, order, code, *, keep=False):
        """Whose code it is, else who has it by hand while the code stays; partners of unknown codes where the source says so."""
        scheme = self.schemes[order.source]
        code = self._unknown(order) or code
        owner = self.codes.get((scheme, code)) if code else None
        if code and owner is None and order.source in self.creates and (scheme, code) not in self.ignored:
            owner = self.codes[scheme, code] = Code(f"made {next(self.made)}", self.now)
            self.people.append(owner.owner)
            for other in self.orders.values():
                if other.partner is None and other.code == code and self.schemes[other.source] == scheme:
                    self._move(other, owner.owner)
                    self._settle_file(other)
        stays = order.partner if keep or order.code == code else None
        order.partner, order.code = (owner.owner if owner else stays), code
        # decides: who gets an order that was set aside takes it back among those that are looked after.
        order.is_ignored = order.is_ignored and order.partner is None

    def _share_by_file(self, order, version):
        order.by_file = version.credits

    # --- rejected lines -----------------------------------------------------------------------------

    def open_rejects(self, state="open"):
        return [reject for reject in self.rejects if reject.state == state]

    def correct(self, reject):
        """A person types the quantity: the line goes into its order, whose other lines stay."""
        self.now = next(self.tick)
        doc, key = reject.doc, (reject.source, reject.doc.number)
        held = self.orders.get(key)
        said, there = doc.credits or doc.code, held and (held.by_file or held.code)
        if said and there and said != there:
            raise Forbidden
        line = self._by_hand(doc)
        order = held or Order(*key, sent=doc.state, content=doc._replace(items=(), bad=None).content)
        order.by_file = order.by_file or doc.credits
        order.own += (line,)
        order.day = min(order.day, doc.day)
        owner_asked = (self._unknown(order) if doc.credits else "") or doc.code
        code = order.code or owner_asked
        scheme = self.schemes[order.source]
        if owner_asked and (scheme, owner_asked) not in self.codes and order.source in self.creates:
            self._attribute(order, code, keep=True)
        else:
            owner = self.codes.get((scheme, owner_asked)) if owner_asked else None
            order.partner, order.code = (owner.owner if owner else order.partner), code
            order.is_ignored = order.is_ignored and order.partner is None
        order.run, order.changes = None, order.changes + 1
        self.orders[key] = order
        reject.state = "corrected"

    # --- whose they are -----------------------------------------------------------------------------

    def _of_code(self, code, scheme):
        return [o for o in self.orders.values() if o.code == code and self.schemes[o.source] == scheme]

    def _present(self, who):
        if who in self.into:
            raise Forbidden

    def _move(self, order, who):
        order.partner, order.is_ignored, order.changes = who, False, order.changes + 1

    def _mentions(self, order, code, scheme, owner):
        """Whether a code of a partner is what an order is credited by, whole or in part."""
        if self.schemes[order.source] != scheme:
            return False
        if order.partner == owner and order.code == code:
            return True
        named = code in dict(order.by_file)
        parts, origin = self.parts_of(order)
        return named and (order.partner == owner or (origin == "file" and any(p.who == owner for p in parts)))

    def tie_code(self, code, scheme, who):
        self.now = next(self.tick)
        self._present(who)
        known = self.codes.get((scheme, code))
        if known and known.owner != who:
            raise Forbidden
        self.ignored.discard((scheme, code))
        if known is None:
            self.codes[scheme, code] = Code(who, self.now)
        moved = [o for o in self._of_code(code, scheme) if o.partner is None]
        for order in moved:
            self._move(order, who)
            self._settle_file(order)
        if known is None:
            self.answers.append(Answer("code", self.now, code, scheme, who))
        elif moved:
            self.answers.append(Answer("orders", self.now, partner=who, orders=moved))

    def untie_code(self, code, scheme):
        self.now = next(self.tick)
        known = self.codes.get((scheme, code))
        if known is None:
            raise Forbidden
        moved = [o for o in self.orders.values() if self._mentions(o, code, scheme, known.owner)]
        del self.codes[scheme, code]
        for answer in self.answers:
            if (answer.kind, answer.code, answer.scheme, answer.partner) == (
                "code",
                code,
                scheme,
                known.owner,
            ):
                answer.undone = True
        for order in moved:
            if order.partner is not None:
                self._move(order, None)
                self._settle_file(order)

    def tie_order(self, order, who):
        self.now = next(self.tick)
        if who is not None:
            self._present(who)
        if order.hand or self.parts_of(order)[1] == "file":
            raise Forbidden
        if order.partner == who:
            return
        self.answers.append(Answer("orders", self.now, partner=who, previous=order.partner, orders=[order]))
        self._move(order, who)
        self._settle_file(order)

    def set_aside_code(self, code, scheme):
        self.now = next(self.tick)
        if (scheme, code) in self.codes:
            raise Forbidden
        if (scheme, code) not in self.ignored:
            self.ignored.add((scheme, code))
            self.answers.append(Answer("aside code", self.now, code, scheme))

    def set_aside_order(self, order):
        self.now = next(self.tick)
        if order.partner is None and not order.is_ignored:
            order.is_ignored = True
            self.answers.append(Answer("aside orders", self.now, orders=[order]))

    def undo_answer(self, answer):
        self.now = next(self.tick)
        here = [o for o in answer.orders if self.orders.get((o.source, o.number)) is o]
        key = answer.scheme, answer.code
        if answer.undone:
            raise Forbidden
        if answer.kind == "code":
            if key not in self.codes or self.codes[key].owner != answer.partner:
                raise Forbidden
            self.untie_code(answer.code, answer.scheme)
        elif answer.kind == "aside code":
            if key not in self.ignored:
                raise Forbidden
            self.ignored.discard(key)
        elif answer.kind == "aside orders":
            still = [o for o in here if o.partner is None and o.is_ignored]
            if not still:
                raise Forbidden
            for order in still:
                order.is_ignored = False
        else:
            still = [o for o in here if o.partner == answer.partner and o.partner != answer.previous]
            if not still:
                raise Forbidden
            for order in still:
                self._move(order, answer.previous)
                self._settle_file(order)
        answer.undone = True

    # --- shares -------------------------------------------------------------------------------------

    def share(self, order, parts):
        self.now = next(self.tick)
        if order.partner is None or any(who in self.into for who, _ in parts):
            raise Forbidden
        order.hand = sorted((Part(*part) for part in parts), key=lambda part: -part.percent)
        order.shared_at = self.now

    def unshare(self, order):
        self.now = next(self.tick)
        order.hand = []
        self._settle_file(order)

    def save_rule(self, case, subject, to, percent, since):
        self.now = next(self.tick)
        if case == "partner" and subject == to:
            raise Forbidden
        if subject in self.into or to in self.into:
            raise Forbidden
        known = next((r for r in self.rules if (r.case, r.subject) == (case, subject)), None)
        if known is None:
            self.rules.append(Rule(case, subject, to, percent, since))
        else:
            known.to, known.percent, known.since = to, percent, since
        self._settle_all()

    def remove_rule(self, rule):
        self.now = next(self.tick)
        self.rules.remove(rule)
        self._settle_all()

    def parts_of(self, order):
        """Who has which part of an order: by hand, else by its file, else by the narrowest rule that fits, else one alone."""
        if order.hand:
            return order.hand, "hand"
        if order.partner is None:
            return [], ""
        if order.by_file:
            parts = self._file_parts(order)
            return (parts, "file") if len(parts) > 1 else ([], "")
        above = self.organisation.get(order.partner)
        for case, subject in (("partner", order.partner), ("organisation", above), ("organisation", None)):
            if case == "organisation" and above is None:
                continue
            for rule in self.rules:
                to = above if rule.to is None else rule.to
                if (rule.case, rule.subject) != (case, subject) or to == order.partner:
                    continue
                if rule.since and order.day < rule.since:
                    return [], ""
                return [Part(order.partner, 100 - rule.percent), Part(to, rule.percent)], "rule"
        return [], ""

    def _file_parts(self, order):
        """What each has by the file; codes of one partner are one part."""
        if self._unknown(order):
            return []
        parts, scheme = {}, self.schemes[order.source]
        for code, percent in order.by_file:
            who = self.codes[scheme, code].owner
            parts.setdefault(who, Part(who, Decimal(0))).percent += percent
        return sorted(parts.values(), key=lambda part: -part.percent)

    # --- merges -------------------------------------------------------------------------------------

    def _sent_with(self, order, who):
        known = self.codes.get((self.schemes[order.source], order.code))
        return known is not None and known.owner == who

    def _all_held(self):
        return [held for run in self.runs if not run.is_back for held in run.before.values() if held]

    def merge(self, survivor, merged):
        self.now = next(self.tick)
        if survivor == merged or survivor in self.into or merged in self.into:
            raise Forbidden
        orders = list(self.orders.values())
        moved = [o for o in orders if o.partner == merged]
        own = [o for o in orders if o.partner == survivor and self._sent_with(o, merged)]
        subjects = [
            r for r in self.rules
            if r.subject == merged and not any((s.case, s.subject) == (r.case, survivor) for s in self.rules)
        ]  # fmt: skip
        one = Merge(
            survivor, merged, [c for c in self.codes.values() if c.owner == merged], moved, own,
            {o.code for o in moved}, [p for o in orders for p in o.hand if p.who == merged],
            [h for h in self._all_held() if h.partner == merged],
            [a for a in self.answers if a.partner == merged], [a for a in self.answers if a.previous == merged],
            subjects, [r for r in self.rules if r.to == merged],
            [who for who, above in self.organisation.items() if above == merged and who != survivor],
            self.organisation.get(survivor) == merged,
        )  # fmt: skip
        self._hand_over(one, survivor, merged)
        for order in moved:
            order.partner = survivor
        if one.was_member:
            self.organisation[survivor] = (
                None if self.organisation.get(merged) in (None, survivor) else self.organisation[merged]
            )
        self.into[merged] = survivor
        self.merges.append(one)
        self._settle_all()

    def _hand_over(self, one, to, of):
        for things, name in (
            (one.codes, "owner"), (one.parts, "who"), (one.held, "partner"), (one.answers, "partner"),
            (one.previous, "previous"), (one.subjects, "subject"), (one.gets, "to"),
        ):  # fmt: skip
            for thing in things:
                if getattr(thing, name) == of:
                    setattr(thing, name, to)
        for who in one.members:
            if self.organisation.get(who) == of:
                self.organisation[who] = to

    def undo_merge(self, one):
        self.now = next(self.tick)
        if one.undone or one.survivor in self.into:
            raise Forbidden
        one.undone = True
        del self.into[one.merged]
        self._hand_over(one, one.merged, one.survivor)
        if one.was_member and self.organisation.get(one.survivor) is None:
            self.organisation[one.survivor] = one.merged
        for order in self.orders.values():
            if order.partner != one.survivor:
                continue
            recoded = self._sent_with(order, one.survivor) and order.code not in one.sent
            since = order not in one.own and self._sent_with(order, one.merged)
            if (order in one.orders and not recoded) or since:
                order.partner = one.merged
        self._settle_all()

    # --- taking back --------------------------------------------------------------------------------

    def hindered(self, run):
        """Whether anything later depends on a run."""
        for number, before in run.before.items():
            order = self.orders.get((run.source, number))
            if order is None or order.run is not run:
                return True
            since = 0 if before is None else run.at
            if order.hand and order.shared_at > since:
                return True
            if any(order in a.orders and not a.undone and a.at > since for a in self.answers):
                return True
            if before is not None and order.changes != run.after[number]:
                return True
        return False

    def take_back(self, run):
        self.now = next(self.tick)
        if run.is_back or self.hindered(run):
            raise Forbidden
        for number, before in run.before.items():
            key = run.source, number
            if before is None:
                del self.orders[key]
                continue
            order, hand, shared_at = self.orders[key], self.orders[key].hand, self.orders[key].shared_at
            order.__dict__.update(before.__dict__ | {"hand": hand, "shared_at": shared_at})
            code = self.codes.get((self.schemes[order.source], order.code))
            # An answer given since is applied to the past.
            if order.partner is None and code and code.since > run.at:
                order.partner = code.owner
            self._settle_file(order)
        run.is_back = True
        for reject in self.rejects:
            if reject.state == "superseded" and reject.settled_in is run and reject.run is not run:
                reject.state, reject.settled_in = "open", None
        self.rejects = [r for r in self.rejects if r.run is not run or r.state == "corrected"]

    # --- what follows -------------------------------------------------------------------------------

    def credited(self):
        """Every order that counts, in parts: (order, who, counted or None, units)."""
        for order in self.orders.values():
            if order.partner is None or order.state == "cancelled":
                continue
            parts, _ = self.parts_of(order)
            parts = parts or [Part(order.partner, Decimal(100))]
            percents = [Fraction(part.percent) for part in parts]
            money = split(order.counted or Decimal(0), percents, 2)
            units = split(Decimal(order.units), percents, 4)
            for part, counted, some in zip(parts, money, units, strict=True):
                yield order, part.who, (None if order.counted is None else counted), some

    def months(self):
        """By (partner, month): orders, units, revenue, first day, last day."""
        found = {}
        for order, who, counted, units in self.credited():
            sums = found.setdefault((who, order.day.replace(day=1)), [set(), Decimal(0), Decimal(0), set()])
            sums[1] += units
            sums[2] += counted or 0
            if not order.is_reversal:
                sums[0].add(order)
                sums[3].add(order.day)
        return {
            key: (len(orders), units, revenue, min(days, default=None), max(days, default=None))
            for key, (orders, units, revenue, days) in found.items()
        }

    def queue(self):
        """By (code, scheme): how many orders wait, what would count of them, and how many are cancelled."""
        found = {}
        for order in self.orders.values():
            scheme = self.schemes[order.source]
            if order.partner is not None or order.is_ignored or (scheme, order.code) in self.ignored:
                continue
            entry = found.setdefault((order.code, scheme if order.code else ""), [0, Decimal(0), 0])
            entry[0] += 1
            if order.state == "cancelled":
                entry[2] += 1
            else:
                entry[1] += order.counted or 0
        return {key: tuple(entry) for key, entry in found.items()}


def split(total, percents, places):
    """Cut a sum by per cent to the smallest unit; what is left goes to those that lost most, what is smaller to the largest."""
    unit = Fraction(1, 10**places)
    size = abs(Fraction(total))
    whole = size // unit
    exact = [whole * percent / 100 for percent in percents]
    cut = [part // 1 for part in exact]
    by_loss = sorted(range(len(cut)), key=lambda n: (cut[n] - exact[n], -percents[n], n))
    for place in by_loss[: int(whole - sum(cut))]:
        cut[place] += 1
    parts = [part * unit for part in cut]
    parts[max(range(len(parts)), key=lambda n: (percents[n], -n))] += size - whole * unit
    sign = -1 if total < 0 else 1
    return [Decimal(sign * part.numerator) / part.denominator for part in parts]
