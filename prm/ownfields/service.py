"""Writes of the definitions of own fields. Their values are written by the services of the records that have them."""

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from django.db import transaction

from prm.accounts.rights import Right
from prm.core.errors import Refused
from prm.core.ids import LONGEST_KEY, is_key, key_for
from prm.core.locks import lock_tenant
from prm.ownfields.models import OwnField
from prm.ownfields.queries import fields_of, forget
from prm.ownfields.registry import record_called, records
from prm.ownfields.rules import LONGEST_NAME, LONGEST_WORD, MOST_CHOICES, MOST_FIELDS, Choice
from prm.ownfields.states import FieldType
from prm.tenancy.context import current_tenant
from prm.tenancy.use_cases import requires

_ENDINGS: Final = ("_from", "_to")
"""What a filter puts behind a key."""


@requires(Right.SETTINGS_EDIT)
@transaction.atomic
def add_field(*, of: str, name: str, type: str, choices: Sequence[str] = (), key: str = "") -> OwnField:  # noqa: A002 - the field's own word
    """Add a field behind the others of its record; without a `key` it is made of the name.

    `choices` are the words of a choice, in their order. Raises `Refused` for a name or key that is taken.
    """
    here = _locked(of)
    if type not in FieldType.values:
        raise Refused(f"A field is one of: {', '.join(FieldType.values)}.", field="type", code="invalid")
    if len(here) >= MOST_FIELDS:
        raise Refused(
            f"There can be {MOST_FIELDS} fields. Put one to another use by renaming it.", field="name"
        )
    name = _name(name, here)
    made = key or key_for(name)
    if not is_key(made) or made.endswith(_ENDINGS):
        raise Refused(
            f"A key has small letters, digits and underscores, at most {LONGEST_KEY}, and does not end in "
            f"{' or '.join(_ENDINGS)}: beds_in_use.",
            field="key",
        )
    if made in {field.key for field in here}:
        raise Refused(f"The key {made} is taken.", field="key" if key else "name", code="taken")
    field: OwnField = OwnField.objects.create(
        of=of,
        key=made,
        name=name,
        type=type,
        choices=_first_choices(type, choices),
        place=max((field.place for field in here), default=0) + 1,
    )
    forget()
    return field


@requires(Right.SETTINGS_EDIT)
@transaction.atomic
def change_field(
    field_id: UUID,
    *,
    name: str | None = None,
    is_archived: bool | None = None,
    words: Sequence[tuple[str, str]] | None = None,
) -> OwnField:
    """Rename a field, archive it or bring it back, or say its choices anew; key and type stay, and so do values.

    `words` are (key, word) of the choices in their order, "" for the key of a new one. A choice that is left out is put
    away: whoever has it keeps it, nobody new is given it. Raises `Refused`.
    """
    field = OwnField.objects.filter(pk=field_id).first()
    if field is None:
        raise Refused("This field does not exist any more.", code="not_found")
    here = _locked(field.of)
    field = next(one for one in here if one.pk == field_id)
    if name is not None:
        field.name = _name(name, [one for one in here if one.pk != field_id])
    if words is not None:
        field.choices = _choices(field, words)
    if is_archived is not None:
        field.is_archived = is_archived
    field.save()
    forget()
    return field


@requires(Right.SETTINGS_EDIT)
@transaction.atomic
def move_field(field_id: UUID, *, up: bool) -> None:
    """Move a field one place up or down among those of its record; at the end of the list nothing happens."""
    field = OwnField.objects.filter(pk=field_id).first()
    if field is None:
        raise Refused("This field does not exist any more.", code="not_found")
    order_fields(field.of, _moved([one.key for one in _locked(field.of)], field.key, up=up))


@requires(Right.SETTINGS_EDIT)
@transaction.atomic
def order_fields(of: str, keys: Sequence[str]) -> None:
    """Put the fields of a record into an order: those named first, the others after them as they were."""
    here = _locked(of)
    if unknown := sorted(set(keys) - {field.key for field in here}):
        raise Refused(f"{unknown[0]!r} is no field here.", field="keys", code="not_found")
    ranks = {key: rank for rank, key in enumerate(keys)}
    ordered = sorted(here, key=lambda field: (ranks.get(field.key, len(ranks)), field.place, field.key))
    for place, field in enumerate(ordered, 1):
        if field.place != place:
            field.place = place
            field.save(update_fields=["place"])
    forget()


@requires(Right.SETTINGS_EDIT)
@transaction.atomic
def remove_field(field_id: UUID) -> None:
    """Remove a field of which no record has a value. Raises `Refused` (code "in_use") for another: archive it."""
    field = OwnField.objects.filter(pk=field_id).first()
    if field is None:
        raise Refused("This field does not exist any more.", code="not_found")
    _locked(field.of)
    record = record_called(field.of)
    if record is not None and record.model.objects.filter(field=field.pk).exists():
        raise Refused(
            f"{field.name} has values. Archive it: it leaves forms and lists, and its values stay.",
            code="in_use",
        )
    field.delete()
    forget()


def _locked(of: str) -> Sequence[OwnField]:
    """Return the fields of a record as they are, and keep others from writing them."""
    if record_called(of) is None:
        words = ", ".join(record.key for record in records())
        raise Refused(f"{of[:40]!r} has no own fields; there are: {words}.", field="of", code="invalid")
    lock_tenant("own fields", current_tenant().pk)
    forget()
    return fields_of(current_tenant(), of, archived=True)


def _moved(keys: list[str], key: str, *, up: bool) -> list[str]:
    at = keys.index(key)
    to = at - 1 if up else at + 1
    if 0 <= to < len(keys):
        keys[at], keys[to] = keys[to], keys[at]
    return keys


def _name(name: str, others: Sequence[OwnField]) -> str:
    said = " ".join(name.split())
    if not said:
        raise Refused("Give the field a name.", field="name", code="required")
    if len(said) > LONGEST_NAME:
        raise Refused(f"At most {LONGEST_NAME} characters fit here.", field="name", code="max_length")
    if said.casefold() in {other.name.casefold() for other in others}:
        raise Refused(f"There is a field called {said} already.", field="name", code="taken")
    return said


def _first_choices(type: str, words: Sequence[str]) -> list[dict[str, object]]:  # noqa: A002 - the field's own word
    if type != FieldType.CHOICE:
        if words:
            raise Refused("Only a choice has choices.", field="choices", code="invalid")
        return []
    return _rows([], [("", word) for word in words])


def _choices(field: OwnField, words: Sequence[tuple[str, str]]) -> list[dict[str, object]]:
    if field.type != FieldType.CHOICE:
        raise Refused("Only a choice has choices.", field="choices", code="invalid")
    return _rows(field.options, words)


def _rows(present: Sequence[Choice], words: Sequence[tuple[str, str]]) -> list[dict[str, object]]:
    """Return the choices as they are kept: those said in their order, then those put away."""
    known = {choice.key: choice for choice in present}
    said = [(key, " ".join(word.split())) for key, word in words if word.strip()]
    folded = [word.casefold() for _, word in said]
    taken = set(known)
    rows: list[dict[str, object]] = []
    for (key, word), plain in zip(said, folded, strict=True):
        if key and key not in known:
            raise Refused(f"{key!r} is no choice of this field.", field="choices", code="not_found")
        if len(word) > LONGEST_WORD:
            raise Refused(
                f"At most {LONGEST_WORD} characters fit a choice.", field="choices", code="max_length"
            )
        if folded.count(plain) > 1:
            raise Refused(f"“{word}” stands here twice.", field="choices", code="taken")
        made = key or _back_or_new(plain, word, known, taken, {key for key, _ in said})
        taken.add(made)
        rows.append({"key": made, "word": word, "offered": True})
    if not rows:
        raise Refused("Say at least one choice, one a line.", field="choices", code="required")
    kept = {row["key"] for row in rows}
    rows += [
        {"key": key, "word": choice.word, "offered": False}
        for key, choice in known.items()
        if key not in kept
    ]
    if len(rows) > MOST_CHOICES:
        raise Refused(
            f"There can be {MOST_CHOICES} choices, those put away too.", field="choices", code="too_many"
        )
    return rows


def _back_or_new(plain: str, word: str, known: dict[str, Choice], taken: set[str], said: set[str]) -> str:
    """Return the key for a word: that of a choice put away which is called so, else one of its own."""
    for key, choice in known.items():
        if choice.word.casefold() == plain and key not in said:
            return key
    stem = key_for(word)[: LONGEST_KEY - 3] or "choice"
    made, count = stem, 1
    while made in taken:
        count += 1
        made = f"{stem}_{count}"
    return made
