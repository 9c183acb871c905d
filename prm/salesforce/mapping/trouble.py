"""What stands against a row of a mapping, in words. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Trouble:
    """What stands against one row. `place` is the name here, or there where nothing here fills it, "" for the object.

    Not `blocks`: it is said, and the mapping can be put in force. `values` are values here that have none there, with
    how many records have each; `choices` what they may become.
    """

    place: str
    words: str
    cure: str = ""
    blocks: bool = True
    values: tuple[tuple[str, int], ...] = ()
    choices: tuple[str, ...] = field(default=())
