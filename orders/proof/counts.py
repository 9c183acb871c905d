"""How often something stands in a column, and where first."""

from dataclasses import dataclass


@dataclass(slots=True)
class Count:
    """How often, in which line first and last, and the text there."""

    count: int = 0
    line: int = 0
    text: str = ""
    last: int = 0

    def add(self, times: int, line: int, text: str, last: int | None = None) -> None:
        """Count it so many times more, first in this line."""
        if not self.count:
            self.line, self.text = line, text[:80]
        self.count += times
        self.last = max(self.last, last or line)
