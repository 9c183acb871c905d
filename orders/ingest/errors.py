"""What goes wrong on the way in.

BrokenFile     an input that cannot be taken as a whole; nothing of it is written
ReadDifferently  rejected rows of imports that were read in different ways
BadCell        one cell that breaks a rule; its line is rejected, the others go on
Contradiction  a line that cannot stand beside the others of its order, or has no amount; rejected alone
Stopped        somebody stopped the run; nothing of it is written
"""

from orders.ingest.states import RejectReason
from prm.core.notation.reader import figure


class BrokenFile(Exception):
    """`message` says what is wrong; `str()` adds where: file and line."""

    def __init__(self, name: str, message: str, *, line: int | None = None) -> None:
        where = f"{name}, line {figure(line)}" if line else name
        super().__init__(f"{where}: {message}")
        self.name = name
        self.line = line
        self.message = message


class ReadDifferently(BrokenFile):
    """Rows that nobody can correct together, as their imports were read in different ways."""


class BadCell(Exception):
    """A cell that a rule refuses."""

    def __init__(self, reason: RejectReason, message: str) -> None:
        super().__init__(message)
        self.reason = reason
        self.message = message


class Contradiction(Exception):
    """A line that cannot be stored as it stands; `field` is the one to look at."""

    def __init__(self, reason: RejectReason, field: str, message: str) -> None:
        super().__init__(message)
        self.reason, self.field, self.message = reason, field, message


class Stopped(Exception):
    """The run was stopped by a person."""


class ReadAgain(Exception):
    """Lines that were left out, since their orders were held so, are needed after all: read everything, leaving out none."""
