"""One act on many partners, and taking it back."""

from collections.abc import Collection, Mapping
from datetime import timedelta
from typing import Final
from uuid import UUID

from django.db import transaction

from partners.bulk.models import BulkChange
from partners.bulk.registry import action_called, keys
from partners.directory.models import Partner
from prm.accounts.models import Membership
from prm.accounts.rights import Right
from prm.core.clock import now
from prm.core.errors import Refused
from prm.core.locks import lock_tenant
from prm.core.notation.reader import figure
from prm.tenancy.context import current_actor, current_tenant
from prm.tenancy.use_cases import require, requires
from prm.ui.formatting import plural

MOST: Final = 20_000
UNDO_WITHIN: Final = timedelta(days=30)


@requires(Right.PARTNER_EDIT, Right.ACTIVITY_MANAGE)
@transaction.atomic
def change_many(
    ids: Collection[UUID], *, action: str, values: Mapping[str, object], by: Membership | None = None
) -> BulkChange:
    """Do an act to the partners of these ids that are here; those that are so already are left alone.

    `values` are what the act's form reads. Raises `Refused` for nobody, too many, an unknown act or bad values.
    """
    act = action_called(action)
    if act is None:
        raise Refused(f"There is no such act; there are {', '.join(keys())}.", field="action", code="invalid")
    require(act.right)
    if len(ids) > MOST:
        raise Refused(f"At most {figure(MOST)} at once. Filter the list.", field="ids", code="too_many")
    form = act.form({name: value for name, value in values.items() if value is not None})
    if not form.is_valid():
        name, messages = next(iter(form.errors.items()))
        raise Refused(str(messages[0]), field=name, code="invalid")
    lock_tenant("bulk", current_tenant().pk)
    here = list(Partner.objects.filter(pk__in=ids).order_by("pk").values_list("pk", flat=True))
    if not here:
        raise Refused("Nobody is selected.", field="ids", code="required")
    done = act.apply(here, form.cleaned_data)
    nouns = (current_tenant().partner_noun, current_tenant().partner_noun_plural)
    made: BulkChange = BulkChange.objects.create(
        action=action,
        words=f"{plural(len(done.before), *nouns)} {done.words}"[:200],
        before=dict(done.before),
        after=done.after,
        count=len(done.before),
        by=by,
    )
    return made


@requires(Right.PARTNER_EDIT, Right.ACTIVITY_MANAGE)
@transaction.atomic
def undo_change(change_id: UUID) -> BulkChange:
    """Put back what still is as the act left it; whoever did it may, and who leads. Raises `Refused`."""
    lock_tenant("bulk", current_tenant().pk)
    change: BulkChange | None = (
        BulkChange.objects.select_for_update(of=("self",)).filter(pk=change_id).first()
    )
    if change is None:
        raise Refused("There is no such change.", code="not_found")
    act = action_called(change.action)
    if act is None:
        raise Refused("This cannot be taken back any more.", code="too_late")
    require(act.right)
    actor = current_actor()
    if not actor.may(Right.ACTIVITY_MANAGE) and (change.by_id is None or change.by_id != actor.member_id):
        raise Refused("Whoever did this takes it back, or a manager.", code="not_allowed")
    if change.undone_at is not None:
        raise Refused("This was taken back already.", code="already_done")
    if now() - change.at > UNDO_WITHIN:
        raise Refused(f"This can be taken back within {UNDO_WITHIN.days} days.", code="too_late")
    change.put_back = act.undo(change.before, change.after)
    change.undone_at = now()
    change.save(update_fields=["put_back", "undone_at"])
    return change
