"""Looking at the objects of an organisation: once a day, sooner while something rests, and when a call was refused.

Once a run at most for each object that is suspected, since a description costs a call.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction

from prm.core.clock import now
from prm.mapping import Mapping
from prm.salesforce.mapping import describing, registry
from prm.salesforce.shapes import rules
from prm.salesforce.shapes.models import ObjectShape
from prm.salesforce.shapes.rules import OBJECT, Facts, Why
from prm.salesforce.wire import errors
from prm.salesforce.wire.client import Org

logger = logging.getLogger(__name__)

DAILY = timedelta(hours=24)
WHILE_RESTING = timedelta(minutes=15)

SUSPICIOUS = frozenset(
    {
        "", "INVALID_FIELD", "INVALID_FIELD_FOR_INSERT_UPDATE", "INVALID_TYPE", "INVALID_TYPE_FOR_OPERATION", "NOT_FOUND",
        "INSUFFICIENT_ACCESS", "INSUFFICIENT_ACCESS_OR_READONLY", "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY",
    }
)  # fmt: skip
"""Refusals that an object or a field may be the reason of, and not a record."""

_UNSEEN = frozenset(
    {"", "NOT_FOUND", "INVALID_TYPE", "INSUFFICIENT_ACCESS", "INSUFFICIENT_ACCESS_OR_READONLY"}
)


@dataclass(frozen=True, slots=True)
class Returned:
    """Fields of a mapping that rested and are there again."""

    mapping: Mapping
    names: frozenset[str]


class Shapes:
    """The mappings as they can be kept in step at present, for one run of the tenant in scope.

    `keep()` is called before every call to Salesforce. `is_set_up`: before the set-up nothing of ours is there, and
    nothing rests. `returned(...)` is told what came back, in no transaction. `is_idle(mapping)`: nothing of an optional
    mapping is here, so it costs no call; what comes during a run is the next one's.
    """

    def __init__(
        self,
        org: Org,
        keep: Callable[[], None],
        returned: Callable[[Returned], None] = lambda _back: None,
        *,
        is_set_up: bool = True,
        is_idle: Callable[[Mapping], bool] = lambda _mapping: False,
    ) -> None:
        self.org = org
        self.keep = keep
        self.returned = returned
        self.is_set_up = is_set_up
        self._is_idle = is_idle
        self._used: dict[str, bool] = {}
        self._suspected: set[str] = set()
        self._known: dict[str, ObjectShape] = {}
        self._load()

    def mappings(self) -> dict[str, Mapping]:
        """Return what can be kept in step, parents first; what rests as a whole, or is idle, is left out."""
        found = {}
        for key, one in self._in_use().items():
            left = rules.effective(one, self._rests(one.sobject)) if self.is_set_up else one
            if left is not None:
                found[key] = left
        return found

    def objects(self) -> dict[str, list[Mapping]]:
        """Return the objects that can be read, each with all mappings that use it."""
        found: dict[str, list[Mapping]] = {}
        for one in self.mappings().values():
            found.setdefault(one.sobject, []).append(one)
        return found

    def resting(self) -> set[str]:
        """Return the keys of mappings of which nothing can be sent."""
        left = self.mappings()
        return {
            key for key, one in registry.mappings().items() if key not in left or _is_closed(left[key], one)
        }

    def look_again(self, *, at_once: bool = False) -> None:
        """Look at what is due; with `at_once` at everything of which something rests."""
        if not self.is_set_up:
            return
        moment = now()
        for sobject in dict.fromkeys(one.sobject for one in self._in_use().values()):
            if self._is_due(self._known.get(sobject), moment, at_once=at_once):
                self._look(sobject)

    def suspect(self, sobject: str) -> bool:
        """Look at an object since something was refused; whether what can be kept in step is another now."""
        if not self.is_set_up or sobject in self._suspected:
            return False
        return self._look(sobject)

    def _in_use(self) -> dict[str, Mapping]:
        return {key: one for key, one in registry.mappings().items() if self._is_used(one)}

    def _is_used(self, one: Mapping) -> bool:
        """Whether there is anything of a mapping; asked once a run, since every round of it asks for the mappings."""
        if one.optional and one.key not in self._used:
            self._used[one.key] = not self._is_idle(one)
        return self._used.get(one.key, True)

    def _is_due(self, shape: ObjectShape | None, moment: datetime, *, at_once: bool) -> bool:
        if shape is None or shape.looked_at is None:
            return True
        if shape.rests and at_once:
            return True
        # A moment that lies ahead was noted by a clock that has jumped back since.
        return not timedelta(0) <= moment - shape.looked_at < (WHILE_RESTING if shape.rests else DAILY)

    def _load(self) -> None:
        with transaction.atomic():
            self._known = {shape.sobject: shape for shape in ObjectShape.objects.all()}

    def _rests(self, sobject: str) -> list[tuple[str, str]]:
        shape = self._known.get(sobject)
        return [(name, rest["why"]) for name, rest in shape.rests.items()] if shape else []

    def _look(self, sobject: str) -> bool:
        self.keep()
        self._suspected.add(sobject)
        whole = {key: one for key, one in registry.mappings().items() if one.sobject == sobject}
        facts = self._described(sobject)
        if facts is None:
            return False
        self._tell_of_forms(whole)
        before = dict(self._rests(sobject))
        found: dict[str, Why] = {}
        for one in registry.mappings().values():
            if one.sobject == sobject:
                found |= rules.resting(one, facts)
        self._remember(sobject, facts, found)
        if found != before:
            logger.warning("salesforce: of %s rests: %s", sobject, dict(found) or "nothing")
        self._tell(sobject, before, found)
        return found != before

    def _described(self, sobject: str) -> Facts | None:
        try:
            described = self.org.describe(sobject)
            if describing.remember(sobject, described):
                registry.forget()
            return rules.facts_of(described)
        except errors.Permanent as error:
            if error.code in _UNSEEN:
                return rules.UNSEEN
            logger.warning("salesforce: %s cannot be described: %s", sobject, error)
            return None

    def _tell_of_forms(self, before: dict[str, Mapping]) -> None:
        """Tell which fields are others, since the organisation keeps them in another form than before."""
        for key, old in before.items():
            new = registry.mapping(key)
            names = {one.there for one in new.columns} - {one.there for one in old.columns}
            if names:
                self.returned(Returned(new, frozenset(names)))

    def _remember(self, sobject: str, facts: Facts, found: dict[str, Why]) -> None:
        with transaction.atomic():
            shape = ObjectShape.objects.select_for_update().get_or_create(sobject=sobject)[0]
            since = now().isoformat()
            shape.rests = {
                name: shape.rests[name]
                if name in shape.rests and shape.rests[name]["why"] == why
                else {"why": why.value, "since": since}
                for name, why in found.items()
            }
            shape.facts, shape.looked_at = facts, now()
            shape.save()
        self._known[sobject] = shape

    def _tell(self, sobject: str, before: dict[str, str], found: dict[str, Why]) -> None:
        for key, one in registry.mappings().items():
            if one.sobject != sobject:
                continue
            old = rules.effective(one, before.items())
            new = rules.effective(one, [(name, why.value) for name, why in found.items()])
            names = _open_columns(new) - _open_columns(old)
            if new is not None and (names or (new.creates and (old is None or not old.creates))):
                self.returned(Returned(registry.mapping(key), frozenset(names)))


def _open_columns(mapping: Mapping | None) -> set[str]:
    return set() if mapping is None else {one.there for one in mapping.columns if not one.closed}


def _is_closed(left: Mapping, whole: Mapping) -> bool:
    """Whether nothing of a mapping can be written that otherwise would be."""
    return (
        bool(whole.pushed)
        and not left.creates
        and not any(one.pushes and not one.closed for one in left.columns)
    )


__all__ = ["OBJECT", "SUSPICIOUS", "Returned", "Shapes"]
