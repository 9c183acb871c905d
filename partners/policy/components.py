"""Which score components there are, with the weights they have unless a policy says otherwise.

The score stands above this room; it announces them when the apps are ready, as it finds them.
"""

from collections.abc import Mapping

_usual: dict[str, int] = {}


def announce(weights: Mapping[str, int]) -> None:
    """Say which components there are."""
    _usual.update(weights)


def usual_weights() -> Mapping[str, int]:
    """Return the usual weight of every component, by key."""
    return _usual


def whole_weights(said: Mapping[str, object]) -> dict[str, float]:
    """Return the weight of every component: what a policy says, else the usual one."""
    return {key: float(str(said.get(key, usual))) for key, usual in _usual.items()}
