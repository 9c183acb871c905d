"""The tenant's own fields in the list of partners: as columns to choose, and as groups.

Each field that is asked for is one join with its values, by their unique key; a filter by one reads the index of its type.
"""

from collections.abc import Sequence
from typing import Final, cast

from partners.directory.models import PartnerQuerySet
from partners.profiles.columns import ListColumn
from prm.accounts.rights import Right
from prm.ownfields.lists.columns import OwnColumn
from prm.ownfields.lists.joining import joined as joined_with
from prm.ownfields.models import OwnField
from prm.ownfields.queries import here
from prm.ownfields.states import FieldType

OF: Final = "partner"


def fields() -> Sequence[OwnField]:
    """Return the fields of partners, of the tenant in scope."""
    return here(OF)


def joined(partners: PartnerQuerySet, field: OwnField) -> PartnerQuerySet:
    """Return partners with the value of one field."""
    return cast("PartnerQuerySet", joined_with(partners, field))


def list_columns() -> list[ListColumn]:
    """Return the fields as columns of the list."""
    return [
        ListColumn(
            key=field.known_as,
            label=field.name,
            right=Right.PARTNER_VIEW,
            make=lambda field=field: OwnColumn(field, then=("name",)),  # type: ignore[misc]  # bound to this field
            annotate=lambda partners, field=field: joined(partners, field),  # type: ignore[misc]  # likewise
        )
        for field in fields()
    ]


def group_fields() -> dict[str, OwnField]:
    """Return the fields by which a list can stand in groups: choices."""
    return {field.known_as: field for field in fields() if field.type == FieldType.CHOICE}
