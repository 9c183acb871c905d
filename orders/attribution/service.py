"""Whose orders are they: the queue of unattributed orders, and the answers people give.

An answer for a code is remembered (as a referral code of the partner, or as an ignored code) and
applied to the past at once: orders, partner-months and standings. Every answer is kept and can be undone.
All writes take the tenant's order lock, so that no import in progress overlooks an answer.
"""

from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime
from decimal import Decimal
from itertools import chain, groupby
from typing import NamedTuple
from uuid import UUID

from django.db import transaction
from django.db.models import Case, Count, F, Max, Min, Q, Sum, TextField, Value, When
from django.db.models.fields.json import KeyTextTransform

from orders.attribution.models import Answer
from orders.attribution.moving import (
    CANCELLED,
    CodeOrders,
    Moved,
    measured,
    move_code,
    move_some,
    set_partner,
)
from orders.attribution.queries import credited_by
from orders.attribution.states import AnswerKind
from orders.attribution.suggestions import FEWEST_DIGITS, Candidate, Suggestion, digits_of, suggest
from orders.book.models import IgnoredCode, Order, OrderShare
from orders.ingest.merging.merge import lock_orders
from orders.sources.models import OrderSource
from orders.sources.queries import sources_of
from orders.states import ShareOrigin
from partners.directory.codes import normalise
from partners.directory.models import Partner, ReferralCode
from partners.directory.queries import NamedPartner, partners_named, similar_partners
from partners.directory.schemes import key_of, scheme_key
from partners.directory.service import add_code
from prm.accounts.rights import Right
from prm.core.clock import now
from prm.core.errors import Refused
from prm.core.notation.reader import figure
from prm.tenancy.context import current_actor, granted, order_nouns, orders_heading, say_of_orders
from prm.tenancy.use_cases import needs_no_right, requires
from prm.tenancy.work.service import asked


class Waiting(NamedTuple):
    """One code in the queue ("" for orders without a code) with everything that waits under it.

    `scheme` says whose code it is: sources of the same scheme mean the same by it, others do not.
    The amount is in the tenant's currency and of what would count for a partner: cancelled orders, and those whose
    rate is missing, are among `orders`, and their money is not.
    """

    code: str
    scheme: str
    scheme_key: str
    name: str
    source: str
    orders: int
    amount: Decimal
    first: datetime
    last: datetime
    cancelled: int = 0

    @property
    def key(self) -> tuple[str, str]:
        """Return what tells it from other entries."""
        return self.code, self.scheme_key


class Tied(NamedTuple):
    """What an answer did: orders that moved, and how much of them counts, in the tenant's currency.

    `answer` is None if none moved. `later` of the orders are moved in the background.
    """

    orders: int
    amount: Decimal
    answer: Answer | None = None
    later: int = 0


# --- the queue ----------------------------------------------------------------------------------


@requires(Right.ORDER_TIE)
def waiting(limit: int | None = None) -> list[Waiting]:
    """Return codes by money, most first; orders without any code come as one entry, last."""
    rows = (
        Order.objects.unattributed()
        .order_by()
        .values("code")
        .annotate(
            # Without a code it does not matter whose it would be.
            key=Case(
                When(code="", then=Value("")), default=F("source__scheme_key"), output_field=TextField()
            ),
            scheme=Max(
                KeyTextTransform("code_scheme", "source__spec"), filter=~Q(code=""), output_field=TextField()
            ),
            name=Max("partner_name"),
            sent_by=Max("source__name"),
            orders=Count("*"),
            total=Sum("counted", filter=~CANCELLED),
            cancelled=Count("code", filter=CANCELLED),
            first=Min("placed_at"),
            last=Max("placed_at"),
        )
    )
    found = [
        Waiting(
            r["code"],
            r["scheme"] or "",
            r["key"],
            r["name"],
            r["sent_by"],
            r["orders"],
            r["total"] or Decimal(0),
            r["first"],
            r["last"],
            r["cancelled"],
        )
        for r in rows
    ]
    found.sort(key=lambda entry: (entry.code == "", -entry.amount, entry.key))
    return found if limit is None else found[:limit]


@requires(Right.ORDER_TIE)
def waiting_codes() -> int:
    """Return how many codes wait, for the counter beside the page's name."""
    coded = Order.objects.unattributed().order_by().exclude(code="")
    return coded.values("code", "source__scheme_key").distinct().count()


@requires(Right.ORDER_TIE)
def suggestions_for(entries: Sequence[Waiting]) -> dict[tuple[str, str], list[Suggestion]]:
    """Return guesses for each entry by its key, with three queries for all of them together."""
    asked = [entry for entry in entries if entry.code]
    similar = similar_partners([entry.name for entry in asked])
    digits = {digits for entry in asked if len(digits := digits_of(entry.code)) >= FEWEST_DIGITS}
    named = partners_named(chain.from_iterable(similar), digits=digits)
    systems = set(OrderSource.objects.order_by().values_list("scheme_key", flat=True)) if named else set()
    guesses = {}
    for entry, ids in zip(asked, map(set, similar), strict=True):
        wanted = digits_of(entry.code)
        # The code of another system says nothing.
        others = systems - {entry.scheme_key}
        candidates = [_candidate(partner, others) for partner in named]
        likely = [c for c in candidates if c.id in ids or wanted in map(digits_of, c.codes)]
        guesses[entry.key] = suggest(entry.code, entry.name, likely)
    return guesses


def _candidate(partner: NamedPartner, other_systems: Collection[str]) -> Candidate:
    codes = tuple(normal for scheme_key, normal in partner.codes if scheme_key not in other_systems)
    return Candidate(partner.id, partner.name, partner.specialty, partner.organisation, codes)


# --- answers ------------------------------------------------------------------------------------


@requires(Right.ORDER_TIE)
@transaction.atomic
def tie_code(code: str, *, partner_id: UUID, scheme: str | None = None, is_certain: bool = False) -> Tied:
    """Say whose code it is: remembered, and applied to all its orders that wait, however they came to.

    `scheme` is that of the systems that sent it; `None` is enough where all have the same. Raises `Refused`
    when the code is somebody's already there, or the partner is not there.
    """
    lock_orders()
    code = normalise(code)
    scheme = _scheme_of(code) if scheme is None else scheme
    if not Partner.objects.filter(pk=partner_id).exists():
        raise Refused("Choose a partner.", field="partner", code="required")
    IgnoredCode.objects.filter(normal=code, scheme_key=key_of(scheme)).delete()
    is_new = not ReferralCode.objects.filter(normal=code, scheme_key=key_of(scheme)).exists()
    with _answered(), granted(Right.PARTNER_EDIT):
        add_code(partner_id, scheme=scheme, code=code, as_sent=True)
    wait = CodeOrders(code, scheme, sources_of(scheme), None)
    if is_new:
        moved = move_code(wait, partner_id)
    else:
        # Of a code that was the partner's already only these orders are answered for, and only they can go back.
        ids = list(Order.objects.filter(wait.which).values_list("pk", flat=True))
        moved = set_partner(wait.which, partner_id)._replace(ids=ids)
    if not (moved.orders or is_new):
        return Tied(0, Decimal(0))
    kind = AnswerKind.TIED_CODE if is_new else AnswerKind.TIED_ORDERS
    about = Answer(code=code, scheme=scheme, partner_id=partner_id, is_certain=is_certain)
    return Tied(moved.orders, moved.amount, _record(kind, moved, about), moved.later)


# While an answer is being given, that its code becomes a partner's is no answer of its own.
_being_answered: ContextVar[bool] = ContextVar("code_being_answered", default=False)


@contextmanager
def _answered() -> Iterator[None]:
    token = _being_answered.set(True)
    try:
        yield
    finally:
        _being_answered.reset(token)


def _scheme_of(code: str) -> str:
    """Return the scheme of the systems that sent a code. Raises `Refused` when they have several."""
    sent = Order.objects.filter(code=code).order_by()
    waiting_first = sent.filter(partner=None) if sent.filter(partner=None).exists() else sent
    schemes = dict(
        waiting_first.values_list(
            "source__scheme_key", KeyTextTransform("code_scheme", "source__spec")
        ).distinct()
    )
    if len(schemes) > 1:
        known = ", ".join(sorted(scheme or "none" for scheme in schemes.values()))
        raise Refused(f"{code} is sent by several systems ({known}): say whose code.", field="scheme")
    return next(iter(schemes.values()), "") or ""


@requires(Right.ORDER_TIE, Right.PARTNER_EDIT)
@transaction.atomic
def tie_waiting(code: ReferralCode) -> int:
    """Tie every order that waits for a code which now is known. Return how many.

    Raises `Refused` for who may add codes, but not say whose orders are that have come already.
    """
    lock_orders()
    if _being_answered.get():
        return 0
    sources = held_by(code)
    if not sources:
        return 0
    wait = Order.objects.filter(code=code.normal, partner=None, source__in=sources)
    if not current_actor().may(Right.ORDER_TIE) and (count := wait.count()):
        raise Refused(
            f"{orders_heading()} ({figure(count)}) wait for {code.normal}: whose they are, a manager decides. "
            "Save without this code, and ask for it to be tied.",
            field="code",
            code="not_allowed",
        )
    IgnoredCode.objects.filter(normal=code.normal, scheme_key=code.scheme_key).delete()
    if not wait.exists():
        # Moving nothing would make temporary tables all the same; a list brings tens of thousands of codes.
        return 0
    moved = move_code(CodeOrders(code.normal, code.scheme, sources, None), code.partner_id)
    if moved.orders:
        about = Answer(code=code.normal, scheme=code.scheme, partner_id=code.partner_id)
        _record(AnswerKind.TIED_CODE, moved, about)
    return moved.orders


@requires(Right.ORDER_TIE, Right.PARTNER_EDIT)
@transaction.atomic
def tie_waiting_for(codes: Sequence[ReferralCode]) -> int:
    """Tie the orders that wait for many codes which now are known, as `tie_waiting`; of the others none is looked at twice."""
    lock_orders()
    normals = [code.normal for code in codes]
    concerned = set(IgnoredCode.objects.filter(normal__in=normals).values_list("normal", flat=True))
    concerned |= set(Order.objects.filter(partner=None, code__in=normals).values_list("code", flat=True))
    return sum(tie_waiting(code) for code in codes if code.normal in concerned)


@needs_no_right("reads; who calls it has asked")
def held_by(code: ReferralCode) -> list[UUID]:
    """Return the sources for whose orders a code holds, by the rule of `partners.directory.schemes`."""
    systems = dict(OrderSource.objects.order_by().values_list("pk", "scheme_key"))
    if code.scheme_key in systems.values():
        return [pk for pk, key in systems.items() if key == code.scheme_key]
    same = ReferralCode.objects.filter(normal=code.normal).exclude(pk=code.pk)
    others = list(same.order_by().values_list("scheme_key", "partner"))
    if any(key not in systems.values() and partner != code.partner_id for key, partner in others):
        return []
    taken = {key for key, _ in others}
    return [pk for pk, key in systems.items() if key not in taken]


@requires(Right.ORDER_TIE)
@transaction.atomic
def untie_code(code: str, *, scheme: str | None = None) -> int:
    """Forget whose code it is, and send its orders back to the queue. Return how many."""
    lock_orders()
    code = normalise(code)
    known = ReferralCode.objects.filter(normal=code)
    if scheme is not None:
        known = known.filter(scheme_key=key_of(scheme))
    codes = list(known[:2])
    if not codes:
        raise Refused(f"{code} is nobody's code.", code="not_tied")
    if len(codes) > 1:
        raise Refused(f"{code} is a code of several systems: say whose code.", field="scheme")
    sources = held_by(codes[0])
    codes[0].delete()
    answers = Answer.objects.standing().annotate(key=scheme_key("scheme"))
    given = answers.filter(
        kind=AnswerKind.TIED_CODE, code=code, partner=codes[0].partner_id, key=codes[0].scheme_key
    )
    _mark_undone(list(given.values_list("pk", flat=True)))
    held = CodeOrders(code, codes[0].scheme, sources, codes[0].partner_id)
    return _untie_shared(held) + move_code(held, None).orders if sources else 0


def _untie_shared(held: CodeOrders) -> int:
    """Send back, all at once, orders that are shared by their files and in which a code no longer names anybody."""
    assert held.held_by is not None
    which = credited_by(held.code, held.held_by) & Q(source__in=held.sources)
    return set_partner(which, None).orders if Order.objects.filter(which).exists() else 0


@requires(Right.ORDER_TIE)
@transaction.atomic
def settle_code(code: str, *, scheme: str, sources: Sequence[UUID], held_by: UUID | None) -> bool:
    """Move some of a code's orders on to whose the code is now, however often it was answered since.

    `held_by`: whose they were (None: nobody's). Returns whether more are left.
    """
    lock_orders()
    known = ReferralCode.objects.filter(normal=code, scheme_key=key_of(scheme)).first()
    owner = known.partner_id if known else None
    if owner == held_by:
        return False
    orders = CodeOrders(code, scheme, sources, held_by)
    return move_some(orders, owner).later > 0


@requires(Right.ORDER_TIE)
def moving_codes() -> list[str]:
    """Return the codes whose orders are still being moved, in the order of the alphabet."""
    return sorted({str(arguments["code"]) for arguments in asked("orders.settle_code")})


@requires(Right.ORDER_TIE)
@transaction.atomic
def tie_orders(order_ids: Sequence[UUID], *, partner_id: UUID) -> Tied:
    """Tie single orders, whether they wait or are another partner's; those that are the partner's stay as they are."""
    lock_orders()
    if not Partner.objects.filter(pk=partner_id).exists():
        raise Refused("Choose a partner.", field="partner", code="required")
    _check_not_shared(order_ids)
    return _move_orders(order_ids, partner_id, AnswerKind.TIED_ORDERS)


@requires(Right.ORDER_TIE)
@transaction.atomic
def untie_orders(order_ids: Sequence[UUID]) -> Tied:
    """Send single orders back to the queue."""
    lock_orders()
    _check_not_shared(order_ids)
    return _move_orders(order_ids, None, AnswerKind.UNTIED_ORDERS)


def _check_not_shared(order_ids: Sequence[UUID]) -> None:
    """Refuse to move an order that is shared by hand, or by its file: it would count as before."""
    shared = OrderShare.objects.filter(order__in=order_ids).exclude(origin=ShareOrigin.RULE)
    if found := shared.values_list("order__number", "origin").first():
        number, origin = found
        what = (
            "is shared by hand. Take the shares back on its page first."
            if origin == ShareOrigin.HAND
            else "is shared as its file says. Share it by hand on its page instead."
        )
        raise Refused(f"The credit of {order_nouns()[0]} {number} {what}", code="shared")


def _move_orders(order_ids: Sequence[UUID], partner_id: UUID | None, kind: AnswerKind) -> Tied:
    """Move orders and record it, once for each partner that they had: so it can be undone."""
    rows = Order.objects.filter(pk__in=order_ids).exclude(partner=partner_id).order_by("partner")
    if partner_id is None:
        rows = Order.objects.filter(pk__in=order_ids, partner__isnull=False).order_by("partner")
    done = Tied(0, Decimal(0))
    pairs = list(rows.values_list("partner_id", "pk"))
    for had, group in groupby(pairs, key=lambda pair: pair[0]):
        ids = [pk for _, pk in group]
        moved = set_partner(Q(pk__in=ids), partner_id)._replace(ids=ids)
        answer = _record(kind, moved, Answer(partner_id=partner_id, previous_id=had))
        done = Tied(done.orders + moved.orders, done.amount + moved.amount, answer)
    return done


@requires(Right.ORDER_TIE)
@transaction.atomic
def ignore_code(code: str, *, scheme: str | None = None, note: str = "") -> Tied:
    """Say that a code of a scheme is nobody's: its orders leave the queue."""
    if not code:
        raise Refused(say_of_orders("{Orders} without a code are set aside one by one."), code="no_code")
    lock_orders()
    code = normalise(code)
    scheme = _scheme_of(code) if scheme is None else scheme
    here = {"normal": code, "scheme_key": key_of(scheme)}
    if ReferralCode.objects.filter(**here).exists():
        raise Refused(f"{code} is a partner's code. Take it from the partner first.", code="taken")
    waits = measured(Order.objects.filter(code=code, partner=None, source__in=sources_of(scheme)))
    if IgnoredCode.objects.filter(**here).exists():
        return Tied(*waits)
    IgnoredCode.objects.create(normal=code, scheme=scheme, note=note[:200])
    return Tied(*waits, _record(AnswerKind.SET_ASIDE_CODE, Moved(*waits), Answer(code=code, scheme=scheme)))


@requires(Right.ORDER_TIE)
@transaction.atomic
def unignore_code(code: str, *, scheme: str | None = None) -> None:
    """Let the orders of a code that was nobody's wait again; without a scheme of all of them."""
    lock_orders()
    code = normalise(code)
    ignored = IgnoredCode.objects.filter(normal=code)
    (ignored if scheme is None else ignored.filter(scheme_key=key_of(scheme))).delete()
    answers = Answer.objects.standing().filter(kind=AnswerKind.SET_ASIDE_CODE, code=code)
    about = (
        answers if scheme is None else answers.annotate(key=scheme_key("scheme")).filter(key=key_of(scheme))
    )
    _mark_undone(list(about.values_list("pk", flat=True)))


@requires(Right.ORDER_TIE)
@transaction.atomic
def ignore_orders(order_ids: Sequence[UUID]) -> Tied:
    """Take single orders out of the queue."""
    lock_orders()
    waiting_ones = Order.objects.filter(pk__in=order_ids, partner=None, is_ignored=False)
    ids = list(waiting_ones.values_list("pk", flat=True))
    moved = Moved(*measured(waiting_ones), ids)
    Order.objects.filter(pk__in=ids).update(is_ignored=True)
    if not ids:
        return Tied(0, Decimal(0))
    return Tied(moved.orders, moved.amount, _record(AnswerKind.SET_ASIDE_ORDERS, moved, Answer()))


# --- answers given, and taken back ----------------------------------------------------------------


def _record(kind: AnswerKind, moved: Moved, about: Answer) -> Answer:
    """Keep what was decided, so that it can be seen and undone later. The ids are kept where no code tells them."""
    about.kind, about.orders, about.amount = kind, moved.orders, moved.amount
    about.order_ids = list(moved.ids) if kind.is_of_orders else []
    about.by = current_actor().label[:160]
    about.save()
    return about


def _mark_undone(answer_ids: Sequence[UUID]) -> None:
    Answer.objects.filter(pk__in=answer_ids).update(undone_at=now(), undone_by=current_actor().label[:160])


@requires(Right.ORDER_TIE)
@transaction.atomic
def undo_answer(answer_id: UUID) -> Answer:
    """Take an answer back, however long ago it was given: its orders are where they were before it.

    Raises `Refused`, saying what came after it, when that is not so simple any more.
    """
    lock_orders()
    answer: Answer | None = Answer.objects.select_for_update(of=("self",)).filter(pk=answer_id).first()
    if answer is None or answer.undone_at is not None:
        raise Refused("This was taken back already.", code="undone")
    match answer.kind:
        case AnswerKind.TIED_CODE:
            known = ReferralCode.objects.filter(normal=answer.code, scheme_key=key_of(answer.scheme))
            owner = known.select_related("partner").first()
            if owner is None or owner.partner_id != answer.partner_id:
                whose = f"{owner.partner.name}’s" if owner else "nobody’s"
                raise Refused(f"{answer.code} is {whose} code by now.", code="changed")
            untie_code(answer.code, scheme=answer.scheme)
        case AnswerKind.SET_ASIDE_CODE:
            if not IgnoredCode.objects.filter(normal=answer.code, scheme_key=key_of(answer.scheme)).exists():
                raise Refused(f"{answer.code} is not set aside any more.", code="changed")
            unignore_code(answer.code, scheme=answer.scheme)
        case AnswerKind.SET_ASIDE_ORDERS:
            back = Order.objects.filter(pk__in=answer.order_ids, partner=None, is_ignored=True)
            if not back.update(is_ignored=False):
                raise Refused(say_of_orders("These {orders} are not set aside any more."), code="changed")
        case _:
            still = Q(pk__in=answer.order_ids, partner=answer.partner_id)
            if not set_partner(still, answer.previous_id).orders:
                raise Refused(
                    say_of_orders("These {orders} were moved again since. Tie them anew on their page."),
                    code="changed",
                )
    _mark_undone([answer.pk])
    return answer


@requires(Right.ORDER_TIE)
@transaction.atomic
def move_orders(which: Q, partner_id: UUID) -> None:
    """Let orders be another partner's who is the same: no decision about them, and no change of the orders."""
    lock_orders()
    set_partner(which, partner_id, is_change=False)
