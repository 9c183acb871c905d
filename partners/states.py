"""The words of this app: what sort of partner, where the relationship stands, what it is worth.

The one place where these values are spelt. Rows hold them as text; "" stands for no tier yet.
"""

from typing import Self

from django.db import models


class Kind(models.TextChoices):
    """The kinds of partner that a new tenant begins with; from then on the list is its own (`partners.kinds`)."""

    PHYSICIAN = "physician", "Physician"
    PRACTICE = "practice", "Practice"
    HOSPITAL = "hospital", "Hospital"
    AGENT = "agent", "Agent"
    AGENCY = "agency", "Agency"
    DEALER = "dealer", "Dealer"

    @classmethod
    def organisations(cls) -> tuple[Self, ...]:
        """Return the kinds that other partners can belong to."""
        return cls.PRACTICE, cls.HOSPITAL, cls.AGENCY

    @classmethod
    def regulated(cls) -> tuple[Self, ...]:
        """Return the kinds that may not be rewarded by volume unless the tenant says otherwise."""
        return cls.PHYSICIAN, cls.PRACTICE

    @property
    def plural(self) -> str:
        """Return the word for several."""
        return "Agencies" if self is Kind.AGENCY else f"{self.label}s"


class Level(models.TextChoices):
    """Where the relationship stands."""

    PROSPECT = "prospect", "Prospect"
    NEW = "new", "New"
    REPEAT = "repeat", "Repeat"
    LAPSED = "lapsed", "Lapsed"

    @property
    def is_ordering(self) -> bool:
        """Say whether orders come in: only then a first tier is set."""
        return self in (Level.NEW, Level.REPEAT)


class Tier(models.TextChoices):
    """Value of the relationship by trailing revenue; its rank rises with the revenue."""

    HIGH = "high", "High"
    MEDIUM = "medium", "Medium"
    LOW = "low", "Low"

    @property
    def rank(self) -> int:
        """Return 1 for the lowest tier, more for those above."""
        return Tier.rank_of(self)

    @classmethod
    def rising(cls) -> list[str]:
        """List the values by rank, that of no tier first."""
        return ["", *reversed(cls.values)]

    @classmethod
    def rank_of(cls, value: str) -> int:
        """Return the rank of a stored value: 0 for no tier. Raises ValueError for a word that is none."""
        return cls.rising().index(value)

    @classmethod
    def word_of(cls, value: str) -> str:
        """Return how a stored value is written within a sentence; "" for no tier."""
        return cls(value).label.lower() if value else ""


class Ruling(models.TextChoices):
    """Which rule decided what tier is proposed."""

    FIRST = "first", "First tier"
    SAME = "same", "Same tier"
    RAISE = "raise", "Raise"
    LOWER = "lower", "Lower"
    HYSTERESIS = "hysteresis", "Not far enough below the band"
    STAY = "stay", "Too short in this tier"

    @classmethod
    def holding(cls) -> tuple[Self, ...]:
        """Return those by which a tier is kept although the band says otherwise."""
        return cls.HYSTERESIS, cls.STAY
