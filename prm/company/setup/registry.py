"""The steps of getting set up, as each app says them in its `setup_steps.py`."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from django.core.exceptions import ImproperlyConfigured

from prm.accounts.rights import Right
from prm.core import registry


@dataclass(frozen=True, slots=True)
class StepState:
    """Whether a step is done, in words that hold the facts it is known by. `hurdle` says why it cannot begin yet."""

    is_done: bool
    words: str
    hurdle: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SetupStep:
    """One step. `look` finds out its state, in the tenant's scope, with few queries.

    `needs` are the keys of steps that come first. `action` are the words of its button, `again` those once it is done;
    both lead to `url_name`, which `right` opens. An `is_optional` step may stay open.
    """

    key: str
    title: str | Callable[[], str]
    why: str | Callable[[], str]
    look: Callable[[], StepState]
    url_name: str
    action: str
    right: Right
    again: str = "Change"
    needs: tuple[str, ...] = ()
    is_optional: bool = False
    order: int = 100

    @property
    def heading(self) -> str:
        """Return its title, in the tenant's own words."""
        return self.title if isinstance(self.title, str) else self.title()

    @property
    def reason(self) -> str:
        """Return what it is good for."""
        return self.why if isinstance(self.why, str) else self.why()


_registered: dict[str, SetupStep] = {}


def register(found: Iterable[SetupStep]) -> None:
    """Add an app's steps; the same key for two is a mistake in the code and raises ValueError."""
    registry.add(_registered, found, "steps of the set-up")


def steps() -> Sequence[SetupStep]:
    """Return all steps in their order. Raises ImproperlyConfigured for one that needs a step there is not."""
    found = sorted(_registered.values(), key=lambda step: (step.order, step.key))
    for step in found:
        if unknown := set(step.needs) - _registered.keys():
            raise ImproperlyConfigured(f"Step {step.key!r} needs {min(unknown)!r}, which no app has.")
    return found
