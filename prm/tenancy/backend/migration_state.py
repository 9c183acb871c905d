"""A migration costs what it changes, not what the product has: models are not made again for a neighbour's sake."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from unittest.mock import patch

from django.db.migrations.state import ProjectState

ModelKey = tuple[str, str]

FIND = "_find_reload_model"
_with_neighbours: Callable[[ProjectState, str, str, bool], set[ModelKey]] = getattr(ProjectState, FIND)


def _to_reload(state: ProjectState, app_label: str, model_name: str, delay: bool = False) -> set[ModelKey]:
    """Return the one model, where no other model's columns can have changed with it; else what Django returns.

    Django makes the classes of all related models again after every operation. Here each model is related to
    each, through the tenant: an empty database took 28 seconds of migrations, 25 of them for this.

    ``delay`` is Django's word for "no relation is touched" (a constraint, a trigger, a plain field). A new model
    has no model that refers to it. Both mark the state as delayed, so that code of migrations (`RunPython`) gets
    all classes made again.
    """
    if delay or model_name not in state.apps.all_models[app_label]:
        state.is_delayed = True
        return {(app_label, model_name)}
    return _with_neighbours(state, app_label, model_name, delay)


@contextmanager
def only_what_changed() -> Iterator[None]:
    """Run migrations so for the time of the block."""
    # The state copies itself under its own name, and the graph makes it: no subclass would reach them.
    with patch.object(ProjectState, FIND, _to_reload):
        yield
