"""Types that many places name."""

from collections.abc import Mapping, Sequence
from typing import TypeAlias

# What JSON can say. Sequence and Mapping, so that a list of texts is one too.
Json: TypeAlias = "bool | int | float | str | Sequence[Json] | Mapping[str, Json] | None"
