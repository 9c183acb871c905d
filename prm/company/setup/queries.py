"""How far a company has come."""

from collections.abc import Sequence
from dataclasses import dataclass

from prm.company.setup.registry import SetupStep, StepState, steps
from prm.core.urls import tenant_url
from prm.tenancy.context import current_tenant, kept_on


@dataclass(frozen=True, slots=True)
class ShownStep:
    """A step as it stands: its number from 1, and `waits_for`, why it cannot be begun ("" when it can)."""

    number: int
    step: SetupStep
    state: StepState
    waits_for: str
    is_next: bool = False

    @property
    def url(self) -> str:
        """Return where its button leads."""
        return tenant_url(current_tenant(), self.step.url_name)

    @property
    def css(self) -> str:
        """Return how it is drawn: "done", "next" or "open"."""
        return "done" if self.state.is_done else "next" if self.is_next else "open"

    @property
    def label(self) -> str:
        """Return the words of its button."""
        return self.step.again if self.state.is_done else self.step.action


def progress() -> Sequence[ShownStep]:
    """Return all steps with their states; the first that can be begun and is not done is next."""
    every = steps()
    numbers = {step.key: number for number, step in enumerate(every, 1)}
    states = {step.key: step.look() for step in every}
    shown: list[ShownStep] = []
    has_next = False
    for step in every:
        state = states[step.key]
        missing = [key for key in step.needs if not states[key].is_done]
        waits_for = state.hurdle or (f"needs step {numbers[missing[0]]}" if missing else "")
        is_next = not (has_next or state.is_done or waits_for)
        has_next = has_next or is_next
        shown.append(ShownStep(numbers[step.key], step, state, waits_for, is_next))
    return shown


def is_shown() -> bool:
    """Return whether the set-up stands in the menu: it can be put aside, and comes back by the settings."""
    return current_tenant().setup_aside_at is None


_KEPT = "_setup_open"


def open_steps() -> int:
    """Return how many steps are open, found once for each tenant object, which is one request; 0 when put aside."""
    if not is_shown():
        return 0
    return kept_on(current_tenant(), _KEPT, lambda: sum(not step.look().is_done for step in steps()))


def begins_here() -> bool:
    """Return whether the day of whoever sets up begins here: as long as no orders have come in."""
    return is_shown() and not has_begun()


def has_begun() -> bool:
    """Return whether orders of the company's own have come in."""
    return any(step.look().is_done for step in steps() if step.key == "import")
