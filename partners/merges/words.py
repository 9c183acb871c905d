"""What a merge did, in words."""

from partners.merges.models import PartnerMerge
from partners.merges.registry import noun_for
from prm.ui.formatting import number


def merge_words(merge: PartnerMerge) -> str:
    """Say who was merged into whom."""
    return f"{merge.merged.name} into {merge.survivor.name}"


def moved_words(merge: PartnerMerge) -> str:
    """Say what moved, "nothing" for nothing."""
    return (
        ", ".join(f"{number(count)} {noun_for(words, count)}" for words, count in merge.counts.items())
        or "nothing"
    )
