"""Mappings that get no further turn: refused as a whole for this run, or till the next round since their object is another."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import transaction

from prm.mapping import Mapping
from prm.salesforce.engine import store
from prm.salesforce.engine.plan import Sending
from prm.salesforce.shapes.looking import SUSPICIOUS, Shapes
from prm.salesforce.wire.client import RowResult


class Stopped:
    """The keys of stopped mappings; what is refused for its object is looked at, and planned anew where that helps."""

    def __init__(self, shapes: Shapes) -> None:
        self.shapes = shapes
        self._keys: set[str] = set()
        self._reshaped: set[str] = set()

    def __contains__(self, key: object) -> bool:
        return key in self._keys

    def next_round(self) -> None:
        """Let those go on whose object is another: they are planned with what is left of it."""
        self._keys -= self._reshaped
        self._reshaped.clear()

    def stop(self, mapping: Mapping, code: str) -> bool:
        """Stop a mapping that was refused with a code; whether its object is another than it was."""
        self._keys.add(mapping.key)
        if code not in SUSPICIOUS or not self.shapes.suspect(mapping.sobject):
            return False
        self._reshaped.add(mapping.key)
        return True

    def see(self, mapping: Mapping, batch: Sequence[Sending], results: Sequence[RowResult]) -> None:
        """Look at the object when rows were refused for it, and let those rows go without what rests now."""
        refused = [
            sending.claimed.record_id
            for sending, result in zip(batch, results, strict=True)
            if result.error is not None and result.error.code and result.error.code in SUSPICIOUS
        ]
        if refused and self.shapes.suspect(mapping.sobject):
            self._keys.add(mapping.key)
            self._reshaped.add(mapping.key)
            with transaction.atomic():
                store.clear_problems(mapping, refused)
                store.enqueue(mapping, refused)
