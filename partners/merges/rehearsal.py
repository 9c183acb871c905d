"""What level and score a partner would have after a merge: it is done, computed and rolled back, so that nothing is guessed."""

from typing import Final
from uuid import UUID

from django.db import OperationalError, connection, transaction

from partners.merges.service import merge_now
from partners.standing.models import Standing
from partners.standing.service import recompute_chunk
from prm.core.errors import Refused

# Somebody else's work on the same rows is not waited for longer, in milliseconds.
_PATIENCE: Final = 800


def standing_after(survivor_id: UUID, merged_id: UUID) -> Standing | None:
    """Return the standing that the survivor would have; None where that cannot be told now. Nothing is written."""
    found: Standing | None = None
    try:
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute("SELECT set_config('lock_timeout', %s, true)", [f"{_PATIENCE}ms"])
            merge_now(survivor_id, merged_id, None, "")
            recompute_chunk([survivor_id])
            found = Standing.objects.filter(partner=survivor_id).first()
            # What was to be known is known: nothing of it stays.
            transaction.set_rollback(True)
    except (OperationalError, Refused):
        return None
    return found
