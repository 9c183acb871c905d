"""How the credit of an order is shared between codes, as one text: what files say of it, from cells to the database.

`R100`, U+001F, `60`, U+001E, `R200`, U+001F, `40`: a code and its per cent, part by part; neither character is in any code.
The first is whose order it is. SQL takes the text apart by the same two characters.
"""

from collections.abc import Sequence
from decimal import Decimal
from typing import Final

BETWEEN: Final = "\x1e"
BEFORE_PERCENT: Final = "\x1f"

Credit = tuple[str, Decimal]
"""A code in normal form, and its per cent."""


def packed(parts: Sequence[Credit]) -> str:
    """Return parts as one text; a code alone, which has all of it, as that code."""
    if len(parts) == 1:
        return parts[0][0]
    return BETWEEN.join(f"{code}{BEFORE_PERCENT}{percent.normalize():f}" for code, percent in parts)


def shown(code: str) -> str:
    """Return a code, or codes that share the credit, as people read it: `R100 60 %, R200 40 %`."""
    if BEFORE_PERCENT not in code:
        return code
    return ", ".join(f"{part.replace(BEFORE_PERCENT, ' ')} %" for part in code.split(BETWEEN))
