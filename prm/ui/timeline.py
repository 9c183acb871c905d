"""An entry of a timeline."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Item:
    """What happened: icon, title, when (already words), text, and a note such as a late promise.

    ``note_kind``: "", "good", "warn" or "bad". ``undo_url`` gets a POST form.
    """

    icon: str
    title: str
    when: str
    text: str = ""
    note: str = ""
    note_kind: str = ""
    url: str = ""
    undo_url: str = ""
