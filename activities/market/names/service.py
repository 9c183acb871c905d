"""Writes of names: new ones, other names of one, two that are one, and back."""

from collections.abc import Iterable
from typing import Final, TypeVar
from uuid import UUID

from django.db import IntegrityError, connection, transaction

from activities.checks import own, text
from activities.market.names import sql
from activities.market.names.models import Competitor, Differentiator
from activities.market.names.queries import family, root_of
from prm.accounts.rights import Right
from prm.core.clock import now
from prm.core.errors import Refused
from prm.tenancy.context import current_actor, current_tenant
from prm.tenancy.tasks import send_task
from prm.tenancy.use_cases import needs_no_right, requires

Named = TypeVar("Named", Competitor, Differentiator)
Some = Competitor | Differentiator

KINDS: Final[dict[str, type[Competitor] | type[Differentiator]]] = {
    "competitor": Competitor,
    "differentiator": Differentiator,
}
NOUNS: Final = {Competitor: "competitor", Differentiator: "reason"}
LONGEST: Final = {Competitor: 120, Differentiator: 80}

MOVED_AT_ONCE: Final = 2_000
"""Rows that are moved within a request; of more, the rest follows in the background."""


@requires(Right.ACTIVITY_WRITE, Right.ACTIVITY_MANAGE)
def named(model: type[Named], given: Named | str, field: str) -> tuple[Named, Named]:
    """Return the row a name stands for, and the row of the name itself, made if it is new.

    Capitals and blanks make no difference. Inside the caller's transaction. Raises Refused for an empty or long name,
    and for a row of another tenant.
    """
    if not isinstance(given, str):
        own(given, field)
        return root_of(given), given
    name = _name(given, field, LONGEST[model])
    found: Named | None = model.objects.filter(name__iexact=name).first()
    if found is None:
        try:
            with transaction.atomic():
                found = model.objects.create(name=name)
        except IntegrityError:  # somebody else has just typed the same name
            found = model.objects.get(name__iexact=name)
    assert found is not None
    return root_of(found), found


def _name(given: str, field: str, longest: int) -> str:
    name = " ".join(text(given, field, longest).split())
    if not name:
        raise Refused("Give a name.", field=field, code="required")
    return name


@requires(Right.ACTIVITY_WRITE, Right.ACTIVITY_MANAGE)
@transaction.atomic
def competitor_named(*, name: str) -> Competitor:
    """Return the competitor that a name stands for, made if it is new. Raises Refused."""
    return named(Competitor, name, "name")[0]


@requires(Right.ACTIVITY_WRITE, Right.ACTIVITY_MANAGE)
@transaction.atomic
def differentiator_named(*, name: str) -> Differentiator:
    """Return the differentiator that a name stands for, made if it is new. Raises Refused."""
    return named(Differentiator, name, "name")[0]


@requires(Right.ACTIVITY_MANAGE)
@transaction.atomic
def rename(*, row: Competitor | Differentiator, name: str) -> None:
    """Give a competitor or differentiator another name. Raises Refused when another row has it."""
    new = _name(name, "name", LONGEST[type(row)])
    if type(row).objects.filter(name__iexact=new).exclude(pk=row.pk).exists():
        raise Refused(f"“{new}” is already there.", field="name", code="unique")
    row.name = new
    row.save(update_fields=["name"])


@requires(Right.ACTIVITY_MANAGE)
@transaction.atomic
def place(*, competitor: Competitor, city: str) -> None:
    """Say in which city a competitor has an office, "" for not known. Raises Refused."""
    competitor.city = text(city, "city", 120)
    competitor.save(update_fields=["city"])


@requires(Right.ACTIVITY_MANAGE)
@transaction.atomic
def add_other_name(*, row: Some, name: str) -> Some:
    """Note another name of a competitor or differentiator; what is noted under it counts for this one.

    Return the row of that name. Raises Refused when the name is another one's already.
    """
    new = _name(name, "name", LONGEST[type(row)])
    found = type(row).objects.filter(name__iexact=new).first()
    if found is not None and root_of(found).pk == root_of(row).pk:
        return found
    if found is not None:
        noun = NOUNS[type(row)]
        raise Refused(
            f"“{found.name}” is a {noun} of its own. Merge the two instead.", field="name", code="unique"
        )
    main = root_of(row)
    return type(row).objects.create(
        name=new, same_as_id=main.pk, joined_by=current_actor().label, joined_at=now()
    )


@requires(Right.ACTIVITY_MANAGE)
@transaction.atomic
def remove_other_name(*, row: Competitor | Differentiator) -> None:
    """Delete another name under which nothing was noted. Raises Refused."""
    if row.same_as_id is None:
        raise Refused(f"“{row.name}” is a name of its own.", code="not_merged")
    if row.other_names.exists() or row.noted.exists():
        raise Refused(f"Something was noted under “{row.name}”. Take it apart instead.", code="in_use")
    row.delete()


@requires(Right.ACTIVITY_MANAGE)
@transaction.atomic
def merge(*, row: Some, into: Some) -> Some:
    """Say that one name stands for another, with all that it stood for; return what both are now.

    What was noted moves with it, large numbers in the background. Raises Refused for a row that is itself, or is the other
    already.
    """
    own(into, "into")
    noun = NOUNS[type(row)]
    if row.pk == into.pk:
        raise Refused(
            f"A {noun} cannot be merged into itself. Choose another one.", field="into", code="itself"
        )
    # In one order, so that two who merge the same pair crosswise wait for each other and do not lock both.
    rows = {
        one.pk: one
        for one in type(row).objects.select_for_update().filter(pk__in=(row.pk, into.pk)).order_by("pk")
    }
    if len(rows) < 2:
        raise Refused(f"There is no such {noun} here.", field="into", code="does_not_exist")
    row, main = rows[row.pk], root_of(rows[into.pk])
    if row.same_as_id is not None or main.pk == row.pk:
        first, second = (row, root_of(row)) if row.same_as_id else (rows[into.pk], row)
        raise Refused(
            f"“{first.name}” is “{second.name}” already. Take them apart first.", field="into", code="merged"
        )
    row.same_as, row.joined_by, row.joined_at = main, current_actor().label, now()
    row.save(update_fields=["same_as", "joined_by", "joined_at"])
    _move(row)
    return main


@requires(Right.ACTIVITY_MANAGE)
@transaction.atomic
def separate(*, row: Some) -> Some:
    """Take a name apart from the one it was merged into, with all that was noted under it; the way back of `merge`.

    Raises Refused for a name of its own.
    """
    row = type(row).objects.select_for_update().get(pk=row.pk)
    if row.same_as_id is None:
        raise Refused(f"“{row.name}” is a {NOUNS[type(row)]} of its own.", code="not_merged")
    row.same_as, row.joined_by, row.joined_at = None, "", None
    row.save(update_fields=["same_as", "joined_by", "joined_at"])
    _move(row)
    return row


@requires(Right.ACTIVITY_MANAGE)
@transaction.atomic
def keep_apart(*, row: Some, other: Some) -> None:
    """Say that two that look alike are not one; they are not offered again."""
    own(other, "other")
    row.kept_apart = sorted({*row.kept_apart, other.pk})
    row.save(update_fields=["kept_apart"])


def _move(row: Competitor | Differentiator) -> None:
    if settle(row, limit=MOVED_AT_ONCE) == MOVED_AT_ONCE:
        kind = next(key for key, model in KINDS.items() if isinstance(row, model))
        send_task("activities.settle_names", kind=kind, name_id=str(row.pk))


@needs_no_right(
    "Moves what was noted under a name to where the name belongs; whose name belongs where was decided before."
)
def settle(row: Competitor | Differentiator, *, limit: int) -> int:
    """Move at most `limit` rows that were noted under a name, or what stands for it, to its root; return how many."""
    if isinstance(row, Competitor):
        statement, root = sql.MOVE_COMPETITOR, root_of(row).pk
    else:
        statement, root = sql.MOVE_DIFFERENTIATOR, root_of(row).pk
    values: dict[str, UUID | list[UUID] | int] = {
        "tenant": current_tenant().pk,
        "root": root,
        "ids": family(row),
        "limit": limit,
    }
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return int(cursor.rowcount)


@needs_no_right("Brings rows that came back from the audit trail to where their names belong by now.")
def settle_all(rows: Iterable[Competitor | Differentiator], *, limit: int = MOVED_AT_ONCE) -> None:
    """Settle several names."""
    for row in rows:
        settle(row, limit=limit)


@needs_no_right("See `settle`.")
def settle_by_id(kind: str, name_id: UUID, *, limit: int) -> int:
    """Settle a name that may be gone by now; see `settle`."""
    row = KINDS[kind].objects.filter(pk=name_id).first()
    return settle(row, limit=limit) if row is not None else 0
