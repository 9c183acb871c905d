"""Types that many places name."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import TypeAlias
from uuid import UUID

# What JSON can say. Sequence and Mapping, so that a list of texts is one too.
Json: TypeAlias = "bool | int | float | str | Sequence[Json] | Mapping[str, Json] | None"

# What a statement may be given: what psycopg turns into SQL for us.
SqlValue: TypeAlias = "bool | int | str | Decimal | date | datetime | UUID | list[str] | None"
