"""What was found out about one thing, with the readings that are possible and the one that holds."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Reading:
    """One way to read: what it is called, what comes of it, and what it says in a specification."""

    key: str
    label: str
    note: str
    changes: dict[str, object]


@dataclass(frozen=True, slots=True)
class Finding:
    """What was found out about one thing. `lines` are the first that decide; `chosen` is a reading's key or ""."""

    key: str
    label: str
    column: str
    evidence: str
    readings: list[Reading]
    chosen: str
    leaning: str = ""
    lines: list[tuple[int, str]] = field(default_factory=list)

    @property
    def is_open(self) -> bool:
        """Whether the file does not decide it."""
        return not self.chosen

    @property
    def reading(self) -> Reading | None:
        """Return the reading that was chosen."""
        return next((reading for reading in self.readings if reading.key == self.chosen), None)


@dataclass(frozen=True, slots=True)
class Place:
    """Where the file comes from: the tenant's zone and currency, which hold where the file names none."""

    zone: str
    currency: str
