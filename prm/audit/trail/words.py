"""Lines of the trail in words: labels of fields, names of rows as people know them, never an id alone."""

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.core.exceptions import ObjectDoesNotExist
from django.db.models import DateField, DateTimeField, DecimalField, Field, Model

from prm.audit.trail.events import EventKind
from prm.audit.trail.queries import Line, Values
from prm.audit.trail.registry import own_words
from prm.audit.trail.states import Act, Door
from prm.audit.trail.undoing import Offer
from prm.core.fields import MoneyField
from prm.core.numbers import plain
from prm.ownfields.models import OwnField, OwnValue
from prm.ownfields.rules import Stored
from prm.tenancy.context import current_tenant
from prm.ui.formatting import NOTHING, day, moment, money_exact

_LONGEST = 300
# Changes that a closed line shows.
_SHOWN = 2
GONE = "an entry that is gone"
NO_OFFER = Offer()


@dataclass(frozen=True, slots=True)
class Change:
    """One field: its label, and its value before and after in words; `name` is the field's own."""

    name: str
    label: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Entry:
    """A line as it is shown. `what` names whom or what it is about, `detail` which row of that."""

    key: str
    at: datetime
    who: str
    who_note: str
    door: Door
    kind: str
    object_id: UUID
    what: str
    url: str
    detail: str
    act: Act
    changes: Sequence[Change]
    undo: Offer = NO_OFFER

    @property
    def first(self) -> Sequence[Change]:
        """Return the changes that the closed line shows."""
        return self.changes[:_SHOWN] if self.act == Act.CHANGED else ()

    @property
    def more(self) -> int:
        """Return how many more there are."""
        return max(0, len(self.changes) - _SHOWN) if self.act == Act.CHANGED else 0

    @property
    def sentence(self) -> str:
        """Return what happened, in one line of text."""
        head = f"{self.kind} {self.act.label.lower()}"
        if self.act != Act.CHANGED:
            return f"{head}: {self.detail}" if self.detail else head
        told = "; ".join(f"{one.label} {one.before} → {one.after}" for one in self.changes)
        return f"{head}: {told}" if told else f"{head}, nothing that is shown"


def entries(lines: Sequence[Line], *, offers: Mapping[str, Offer] | None = None) -> list[Entry]:
    """Return lines in words, with how each is taken back (`undoing.offers_for`); one query per kind of thing they name."""
    names = Names(lines)
    return [_entry(line, names, (offers or {}).get(line.key, NO_OFFER)) for line in lines]


class Names:
    """The rows that lines name, fetched at once; their names as people know them."""

    def __init__(self, lines: Iterable[Line]) -> None:
        wanted: dict[type[Model], set[str]] = defaultdict(set)
        for line in lines:
            wanted[line.kind.model].add(str(line.object_id))
            for values in (line.row, line.before or {}):
                for model, value in _references(line.kind, values):
                    wanted[model].add(str(value))
        self._rows = {model: _fetched(model, ids) for model, ids in wanted.items()}

    def row(self, model: type[Model], value: object) -> Model | None:
        """Return the row of an id, None when it is gone."""
        return self._rows.get(model, {}).get(str(value))

    def of(self, model: type[Model], value: object) -> str:
        """Return the name of the row of an id."""
        row = self.row(model, value)
        return str(row) if row is not None else GONE


def _references(kind: EventKind, values: Values) -> Iterable[tuple[type[Model], object]]:
    for field in kind.fields:
        value = values.get(str(field.column))
        if field.is_relation and value is not None and isinstance(field.related_model, type):
            yield field.related_model, value


def _fetched(model: type[Model], ids: set[str]) -> dict[str, Model]:
    """Return rows by id as text, with those rows that they cannot be without (1 query)."""
    near = [
        field.name
        for field in model._meta.concrete_fields
        if field.is_relation and not field.null and field.name != "tenant"
    ]
    rows = model._base_manager.filter(pk__in=ids)
    return {str(row.pk): row for row in (rows.select_related(*near) if near else rows)}


def _entry(line: Line, names: Names, undo: Offer) -> Entry:
    what, url, own = _about(line, names)
    return Entry(
        key=line.key,
        at=line.at,
        who=_who(line.context),
        who_note=_who_note(line.context),
        door=door_of(line.context),
        kind=line.kind.label,
        object_id=line.object_id,
        what=what,
        url=url,
        detail=_own_field_name(line, names) or ("" if own == what else own),
        act=line.act,
        changes=changes_of(line, names),
        undo=undo,
    )


def _about(line: Line, names: Names) -> tuple[str, str, str]:
    """Return what the line is about with its address, and the name of the row that changed."""
    row = names.row(line.kind.model, line.object_id)
    own = _readable(str(row) if row is not None else _as_it_was(line, names))
    for column in line.kind.about:
        field = line.kind.model._meta.get_field(column.removesuffix("_id"))
        value = line.row.get(column)
        if value is not None and isinstance(field.related_model, type):
            target = names.row(field.related_model, value)
            return names.of(field.related_model, value), _url(target), own
    return own or line.kind.label, _url(row), own


def _readable(name: str) -> str:
    """Return a name, or nothing where a row has no other than an id."""
    try:
        UUID(name)
    except ValueError:
        return name
    return ""


def _url(row: Model | None) -> str:
    found = getattr(row, "get_absolute_url", None)
    return str(found()) if found else ""


def _as_it_was(line: Line, names: Names) -> str:
    """Return the name of a row that is gone, from what the trail kept of it."""
    model = line.kind.model
    kept = {field.column: field for field in line.kind.event._meta.concrete_fields}
    was = model()
    for field in model._meta.concrete_fields:
        if field.column not in kept or field.name == "tenant":
            continue
        value = line.row.get(str(field.column))
        if field.is_relation and value is not None and isinstance(field.related_model, type):
            target = names.row(field.related_model, value)
            if target is None and not field.null:
                return line.kind.label  # its name is made of one that is gone
            if target is not None:
                setattr(was, field.name, target)
                continue
        setattr(was, field.attname, None if value is None else _python(field, value))
    try:
        return str(was) or line.kind.label
    except (ObjectDoesNotExist, TypeError, ValueError, AttributeError):
        return line.kind.label


def _own_field(line: Line, names: Names) -> OwnField | None:
    """Return the own field whose value a line is about; None for other lines, and for a field that is gone."""
    if not issubclass(line.kind.model, OwnValue):
        return None
    found = names.row(OwnField, line.row.get("field_id"))
    return found if isinstance(found, OwnField) else None


def _own_field_name(line: Line, names: Names) -> str:
    field = _own_field(line, names)
    return field.name if field else ""


def _own_change(line: Line, field: OwnField) -> Change:
    """Return what happened to the value of an own field, under the field's own name."""
    now_words = _own_words(field, line.row)
    if line.act == Act.ADDED:
        pair = (NOTHING, now_words)
    elif line.act == Act.REMOVED:
        pair = (now_words, NOTHING)
    else:
        pair = ("not kept any more" if line.before is None else _own_words(field, line.before), now_words)
    return Change(field.key, field.name, *pair)


def _own_words(field: OwnField, values: Values) -> str:
    number, on = values.get("number"), values.get("day")
    stored = Stored(
        text=str(values.get("text") or ""),
        number=None if number is None else int(str(number)),
        day=None if on is None else date.fromisoformat(str(on)),
    )
    return field.words(stored) or NOTHING


def changes_of(line: Line, names: Names) -> list[Change]:
    """Return the fields that changed; of a new row those that hold something, of a removed one what they held."""
    if own := _own_field(line, names):
        return [_own_change(line, own)]
    found = []
    for field in line.kind.fields:
        after, before = line.row.get(str(field.column)), (line.before or {}).get(str(field.column))
        if line.act == Act.CHANGED and line.before is not None and after == before:
            continue
        if line.act != Act.CHANGED and after in (None, "", [], {}):
            continue
        now_words = value_words(field, after, names, line.row)
        if line.act == Act.ADDED:
            pair = (NOTHING, now_words)
        elif line.act == Act.REMOVED:
            pair = (now_words, NOTHING)
        elif line.before is None:
            pair = ("not kept any more", now_words)
        else:
            pair = (value_words(field, before, names, line.before), now_words)
        found.append(Change(field.name, label_of(field), *pair))
    return found


def label_of(field: "Field[Any, Any]") -> str:
    """Return the label of a field as forms have it."""
    words = str(field.verbose_name)
    return words[:1].upper() + words[1:]


def value_words(field: "Field[Any, Any]", value: object, names: Names, row: Values) -> str:
    """Return a value as people write it."""
    if value is None or value in ("", [], {}):
        return NOTHING
    if field.is_relation and isinstance(field.related_model, type):
        return names.of(field.related_model, value)
    if field.choices:
        return str(dict(field.flatchoices).get(value, value))
    if isinstance(field, MoneyField):
        return money_exact(Decimal(str(value)), str(row.get("currency") or current_tenant().currency))
    return _written(field, _python(field, value))


def _written(field: "Field[Any, Any]", value: object) -> str:
    """Return a value that is neither money, nor a choice, nor another row."""
    match value:
        case bool():
            return "yes" if value else "no"
        case list() | dict():
            return _short(json.dumps(value, ensure_ascii=False, default=str))
        case datetime():
            return moment(value)
        case date():
            return day(value)
        case Decimal():
            return plain(value)
    return _short(own_words(f"{field.model._meta.label}.{field.name}", str(value)))


def _python(field: "Field[Any, Any]", value: object) -> object:
    if isinstance(field, DateTimeField) and isinstance(value, str):
        return datetime.fromisoformat(value)
    if isinstance(field, DateField | DecimalField):
        return field.to_python(str(value))
    return value


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST].rstrip()}…"


# --- who, and by which door ---------------------------------------------------------------------


def door_of(context: Values) -> Door:
    """Return the door; the same rule as `prm.tenancy.audit.DoorOf`."""
    kind, door = context.get("kind"), context.get("door")
    if kind in {Door.IMPORT, Door.SALESFORCE, Door.TASK, Door.COMMAND}:
        return Door(kind)
    return Door(door) if door in {Door.PAGE, Door.API} else Door.OTHER


def _who(context: Values) -> str:
    kind, label = context.get("kind"), str(context.get("label") or "")
    if kind in {"user", "key", "invitation", "import"}:
        return label or "Somebody"
    return "Salesforce" if kind == "salesforce" else "PRM" if kind else "Not known"


def _who_note(context: Values) -> str:
    kind, label = context.get("kind"), str(context.get("label") or "")
    notes = {"key": "an API key", "invitation": "by the link of an invitation", "import": "by an import"}
    return notes.get(str(kind), label if kind in {"task", "command"} else "")
