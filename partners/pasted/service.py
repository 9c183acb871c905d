"""Pasting a column."""

from typing import Final

from django.db import transaction

from partners.pasted.models import PastedColumn
from partners.pasted.queries import meant_by
from partners.pasted.rules import lines_of
from prm.accounts.models import Membership
from prm.accounts.rights import Right
from prm.core.errors import Refused
from prm.tenancy.use_cases import requires

KEPT: Final = 5
"""So many of a member's columns are kept; an older one goes with the next paste."""


@requires(Right.PARTNER_VIEW)
@transaction.atomic
def paste(text: str, *, by: Membership | None) -> PastedColumn:
    """Find whom the lines of a column mean, and keep that as a filter of the list. Raises `Refused`."""
    if by is None:
        raise Refused("What is pasted belongs to a person: sign in as a member.", code="member_only")
    lines = lines_of(text)
    meant = meant_by(lines)
    made: PastedColumn = PastedColumn.objects.create(
        owner=by, ids=meant.ids, missing=meant.missing, lines=len(lines)
    )
    older = PastedColumn.objects.filter(owner=by).values_list("pk", flat=True)[KEPT:]
    PastedColumn.objects.filter(pk__in=list(older)).delete()
    return made
