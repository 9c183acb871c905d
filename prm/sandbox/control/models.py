"""Where an org lives, and how its old address answers once it has moved."""

from __future__ import annotations

from dataclasses import dataclass

from prm.sandbox.kit.messages import Response

REDIRECT, UNROUTED, SILENT = "redirect", "unrouted", "silent"
ANSWERS = (REDIRECT, UNROUTED, SILENT)


@dataclass(slots=True)
class Instance:
    """The part of the address that names the instance. The My Domain, where one signs in, stays what it was."""

    domain: str
    home: str
    answer: str = REDIRECT

    @property
    def moved(self) -> bool:
        """Whether data lie at another address than the My Domain."""
        return self.home != self.domain

    def move(self, answer: str) -> None:
        """Move to a new address; the old one answers with a redirect, with 420, or not at all."""
        if answer not in ANSWERS:
            raise ValueError(f"the old instance answers {', '.join(ANSWERS)}, not {answer!r}")
        name, _, number = self.home.rpartition("-")
        self.home = f"{name}-{int(number) + 1}" if name and number.isdigit() else f"{self.home}-2"
        self.answer = answer

    def move_back(self) -> None:
        """Live at the My Domain again."""
        self.home = self.domain

    def old_answer(self, root: str, path: str) -> Response:
        """Return what the old address says to a call for data."""
        if self.answer == UNROUTED:
            return Response(420, b"", {}, "text/plain")
        if self.answer == SILENT:
            return Response(0)
        return Response(301, b"", {"Location": f"{root}/{self.home}{path}"}, "text/html")
