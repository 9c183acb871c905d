"""The log of merges as a file."""

from typing import Final

from partners.merges.models import PartnerMerge
from partners.merges.words import moved_words
from prm.ui.export.answers import Columns

LOG: Final[Columns[PartnerMerge]] = {
    "Merged": lambda merge: merge.merged.name,
    "Into": lambda merge: merge.survivor.name,
    "Moved": moved_words,
    "Reason": lambda merge: merge.reason,
    "By": lambda merge: merge.by or "a program",
    "At": lambda merge: merge.at,
    "Taken back": lambda merge: merge.undone_at,
    "Taken back by": lambda merge: (merge.undone_by or "a program") if merge.undone_at else None,
    "Did not go back": lambda merge: "; ".join(merge.left),
}
