"""What a door is: how it is called, and what it needs to be used."""

from dataclasses import dataclass, field
from datetime import timedelta

from babel.dates import format_timedelta

from orders.doors.forms import DoorForm


@dataclass(frozen=True, slots=True)
class Credential:
    """Something a caller or a source must have to pass a door; `label` is for people."""

    key: str
    label: str


@dataclass(frozen=True, slots=True)
class Door:
    """One way in.

    key: the `kind` of the sources that use it, stable, at most eight characters. label: how people
    read it in the list of sources. form: what a person fills in to bring something; None where only
    programs come. schedule: how often it looks for something by itself; None where it waits.
    credentials: what is asked of whoever comes, or what the door needs to fetch.
    """

    key: str
    label: str
    form: type[DoorForm] | None = None
    schedule: timedelta | None = None
    credentials: tuple[Credential, ...] = field(default=())

    @property
    def needs(self) -> str:
        """Return in words what must be shown and when it looks by itself; "" where people just bring something."""
        needs = [credential.label for credential in self.credentials]
        if self.schedule is not None:
            needs.append(f"looks every {format_timedelta(self.schedule, threshold=1, locale='en')}")
        return "; ".join(needs)
