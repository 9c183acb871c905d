"""Writes of a company's settings."""

import hashlib
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Final
from uuid import UUID

from django.db import transaction

from prm.accounts.models import Membership
from prm.accounts.rights import Right
from prm.company.settings.logo import read_logo
from prm.company.settings.models import CompanyChange, CompanyLogo
from prm.company.settings.moves import MOVING, Effect, Move, company_moved, effects_of
from prm.company.settings.queries import moves_of, present_values, waiting_change
from prm.company.settings.rules import FIELDS, LABELS, Value, check_together, checked
from prm.company.settings.states import ChangeState
from prm.core.clock import now
from prm.core.errors import Refused
from prm.core.locks import lock_tenant
from prm.tenancy.context import current_actor, current_tenant
from prm.tenancy.models import Tenant
from prm.tenancy.tasks import send_task
from prm.tenancy.use_cases import needs_no_right, requires

AT_ONCE: Final = 20_000
"""A change that moves more rows is worked out by a task; until then all is as before."""
_LARGEST_RATE: Final = Decimal(10) ** 12


@needs_no_right("reads, for who is about to change settings")
def moves_in(values: Mapping[str, Value], rate: Decimal | None = None) -> list[Move]:
    """Return what of new values would move figures. Raises `Refused` for values that cannot be."""
    present = present_values()
    new = {field: checked(field, value) for field, value in values.items() if field in MOVING}
    return [
        Move(field, str(present[field]), str(value), rate)
        for field, value in new.items()
        if value != present[field]
    ]


@requires(Right.SETTINGS_EDIT)
@transaction.atomic
def change_company(
    *,
    by: Membership | None = None,
    rate: Decimal | None = None,
    agreed: bool = False,
    **values: Value,
) -> CompanyChange | None:
    """Change what is named of the settings; None when all is so already.

    What moves figures needs `agreed`: without it raises `Refused` with the code "not_agreed" and what would happen.
    Another currency needs the `rate` of the one before where amounts are to be converted. Many figures are worked out
    by a task, and the change holds from then on.
    """
    if unknown := values.keys() - set(FIELDS):
        raise Refused(f"A company has no {min(unknown)!r}.", field=min(unknown), code="unknown_field")
    lock_tenant("company", current_tenant().pk)
    present = present_values()
    new = {field: checked(field, value) for field, value in values.items()}
    check_together({**present, **new})
    changed = {field: [present[field], value] for field, value in new.items() if value != present[field]}
    if not changed:
        return None
    if waiting_change():
        raise Refused("A change is being worked out. Wait until it is done.", code="waits")
    moves = [Move(f, str(changed[f][0]), str(changed[f][1]), rate) for f in MOVING if f in changed]
    effects = effects_of(moves)
    used = _checked_rate(rate, moves, effects)
    if any(effect.rows for effect in effects) and not agreed:
        raise Refused(" ".join(effect.words for effect in effects), code="not_agreed")
    change = CompanyChange(values=changed, rate=used, by=by, by_name=current_actor().label[:160])
    return _begin(change, sum(effect.rows for effect in effects))


@requires(Right.SETTINGS_EDIT)
@transaction.atomic
def confirm_company(*, by: Membership | None = None) -> None:
    """Note that somebody has looked at the settings and finds them right; a second time nothing happens."""
    lock_tenant("company", current_tenant().pk)
    if not CompanyChange.objects.exists():
        CompanyChange.objects.create(values={}, by=by, by_name=current_actor().label[:160], done_at=now())


def _checked_rate(rate: Decimal | None, moves: Sequence[Move], effects: Sequence[Effect]) -> Decimal | None:
    """Return the rate if one is used. Raises `Refused` where it lacks, or is none."""
    money = next((move for move in moves if move.field == "currency"), None)
    if money is None:
        return None
    if rate is None:
        if any(effect.needs_rate for effect in effects):
            words = " ".join(effect.words for effect in effects)
            raise Refused(
                f"Say what one {money.before} is worth in {money.after}. {words}",
                field="rate",
                code="no_rate",
            )
        return None
    if not rate.is_finite() or not 0 < rate < _LARGEST_RATE:
        raise Refused("A rate is above nothing, and no larger than 12 digits.", field="rate", code="range")
    return rate


def _begin(change: CompanyChange, rows: int) -> CompanyChange:
    """Do a change now, or have it done."""
    if rows > AT_ONCE:
        change.state = ChangeState.WAITS
        change.save()
        send_task("company.carry_out", change_id=str(change.pk))
        return change
    _apply(change)
    return change


def _apply(change: CompanyChange) -> None:
    """Make the change hold, in the caller's transaction: the tenant's row first, then what follows from it."""
    tenant = current_tenant()
    for field, (_, after) in change.values.items():
        setattr(tenant, field, after)
    tenant.save(update_fields=list(change.values))
    for move in moves_of(change):
        company_moved.send(sender=Tenant, move=move)
    change.state, change.done_at = ChangeState.DONE, now()
    change.save()


@requires(Right.SETTINGS_EDIT)
@transaction.atomic
def carry_out(change_id: UUID) -> None:
    """Do a change that waits; one that is done already is left alone."""
    lock_tenant("company", current_tenant().pk)
    change = CompanyChange.objects.filter(pk=change_id, state=ChangeState.WAITS).first()
    if change is not None:
        _apply(change)


@requires()
@transaction.atomic
def note_failure(change_id: UUID, message: str) -> None:
    """Say of a change that waits that it failed; everything is as before."""
    CompanyChange.objects.filter(pk=change_id, state=ChangeState.WAITS).update(
        state=ChangeState.FAILED, message=message
    )


@requires(Right.SETTINGS_EDIT)
@transaction.atomic
def undo_change(change_id: UUID, *, by: Membership | None = None) -> CompanyChange | None:
    """Set back what a change set, as far as nobody has changed it since; a change of its own.

    Raises `Refused` for one that moved figures: that is asked for like any other change.
    """
    change = CompanyChange.objects.filter(pk=change_id, state=ChangeState.DONE).first()
    if change is None:
        raise Refused("There is no such change any more.", code="gone")
    if moves_of(change):
        raise Refused("This moved figures. Choose the value of before, and see what that does.", code="moves")
    present = present_values()
    back = {
        field: before
        for field, (before, after) in change.values.items()
        if field in FIELDS and present[field] == after
    }
    if not back:
        raise Refused("It was changed again since.", code="stale")
    undone: CompanyChange | None = change_company(by=by, **back)
    return undone


@requires(Right.SETTINGS_EDIT)
@transaction.atomic
def set_logo(content: bytes, *, by: Membership | None = None) -> CompanyLogo:
    """Take a PNG file as the logo, drawn anew. Raises `Refused` for what is none."""
    logo = read_logo(content)
    name = hashlib.sha256(logo.png).hexdigest()[:32]
    lock_tenant("company", current_tenant().pk)
    CompanyLogo.objects.exclude(name=name).delete()
    made: CompanyLogo
    made, _ = CompanyLogo.objects.get_or_create(
        name=name, defaults={"png": logo.png, "width": logo.width, "height": logo.height}
    )
    _name_logo(name, by=by)
    return made


@requires(Right.SETTINGS_EDIT)
@transaction.atomic
def remove_logo(*, by: Membership | None = None) -> None:
    """Take the logo away: the coloured letter stands for the company again."""
    lock_tenant("company", current_tenant().pk)
    CompanyLogo.objects.all().delete()
    _name_logo("", by=by)


def _name_logo(name: str, *, by: Membership | None) -> None:
    tenant = current_tenant()
    if tenant.logo == name:
        return
    change = CompanyChange(values={"logo": [tenant.logo, name]}, by=by, by_name=current_actor().label[:160])
    _apply(change)


@needs_no_right("pure")
def key_of(moves: Sequence[Move]) -> str:
    """Return what a person agrees to, so that nothing else is done with the same word."""
    said = repr([(move.field, move.before, move.after) for move in moves])
    return hashlib.sha256(said.encode()).hexdigest()[:16]


@needs_no_right("pure")
def labels_of(change: CompanyChange) -> str:
    """Return the names of what a change changed."""
    return ", ".join(LABELS.get(field, field) for field in change.values)
