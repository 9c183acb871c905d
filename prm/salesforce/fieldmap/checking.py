"""What a draft of the mapping may choose: every name, value and sort in it is one that there is."""

from __future__ import annotations

from prm.core.errors import Refused
from prm.mapping import Mapping, Test
from prm.salesforce.engine.models import RecordLink
from prm.salesforce.fieldmap import looking
from prm.salesforce.mapping.choices import (
    Choices,
    Constant,
    FieldChoice,
    KindChoice,
    LinesChoice,
    ObjectChoice,
    ScopeChoice,
    Shape,
    TakesChoice,
    chosen_columns,
    with_kinds,
)
from prm.salesforce.mapping.facts import Facts, shape_of
from prm.salesforce.mapping.words import directions_for


def checked_object(one: Mapping, choices: Choices, in_force: ObjectChoice) -> ObjectChoice:
    """Return what is chosen of a mapping, where it is other than declared. Raises `Refused`, which names what is wrong."""
    key, choice = one.key, choices.of(one.key)
    if choice.sobject == one.sobject:
        choice = choice.model_copy(update={"sobject": ""})
    if choice.sobject != in_force.sobject and RecordLink.objects.filter(mapping=key).exists():
        raise Refused(
            f"Records of {one.plural} are in step with {in_force.sobject or one.sobject} already: they cannot become "
            "records of another object. Disconnect and connect anew for that.",
            field="sobject",
            code="linked",
        )
    kinds = _checked_kinds(one, choice.kinds, in_force.kinds)
    columns = {each.here: each for each in chosen_columns(with_kinds(one, choice))}
    facts = looking.facts_for(choices, key)
    fields = {}
    known = in_force.fields
    for here, each in choice.fields.items():
        if here not in columns and (here in known or _is_of_persons(one, here)):
            continue  # a field that was mapped and is here no more: it leaves the mapping
        if here not in columns:
            raise Refused(
                f"{one.plural.capitalize()} have no field “{here}” here.", field=here, code="not_found"
            )
        own = columns[here]
        if each.direction is not None and each.direction not in directions_for(one, own):
            raise Refused(
                f"{own.words}: choose one of {', '.join(directions_for(one, own))}.",
                field="direction",
                code="invalid_choice",
            )
        fields[here] = _shaped(each, own.there, facts)
    constants = {there: _with_shape(each, there, facts) for there, each in choice.constants.items()}
    return ObjectChoice(
        sobject=choice.sobject,
        scope=_checked_scope(one, choice.scope),
        takes=_checked_takes(one, choice.takes),
        kinds=kinds,
        lines=_checked_lines(one, choice.lines),
        fields={here: each for here, each in fields.items() if each != FieldChoice()},
        constants=constants,
    )


def _is_of_persons(one: Mapping, here: str) -> bool:
    return one.persons is not None and any(each.here == here for each in one.persons.fields)


def _checked_kinds(
    one: Mapping, kinds: dict[str, KindChoice], in_force: dict[str, KindChoice]
) -> dict[str, KindChoice]:
    """Return what is chosen of kinds other than as delivered. Raises `Refused` for a kind that there is not, and never was."""
    if kinds and one.persons is None:
        raise Refused(
            f"{one.plural.capitalize()} are not kept by their kind.", field="kinds", code="invalid_choice"
        )
    known = dict(one.persons.sorts()) if one.persons is not None else {}
    if wrong := [sort for sort in kinds if sort not in known and sort not in in_force]:
        raise Refused(f"Kind: “{wrong[0]}” is none that there is.", field="kinds", code="invalid_choice")
    return {sort: each for sort, each in kinds.items() if each != KindChoice()}


def _checked_lines(one: Mapping, lines: LinesChoice) -> LinesChoice:
    """Return what becomes of lines. Raises `Refused` for what has none."""
    if one.lines is None and lines != LinesChoice():
        raise Refused(
            f"{one.plural.capitalize()} have no lines that could go as products.",
            field="lines",
            code="invalid_choice",
        )
    return LinesChoice(on=lines.on, book=lines.book.strip(), creates=lines.creates)


def _checked_takes(one: Mapping, takes: TakesChoice) -> TakesChoice:
    """Return what becomes of records made there. Raises `Refused` for a sort that there is not."""
    if takes == TakesChoice():
        return takes
    making = one.adopt.making if one.adopt is not None else None
    if making is None:
        raise Refused(
            f"{one.plural.capitalize()} that are made there do not come here.",
            field="takes",
            code="invalid_choice",
        )
    known = {"", *(sort for sort, _words in making.sorts())}
    wrong = [sort for sort in (takes.sort, *takes.by_record_type.values()) if sort not in known]
    if wrong:
        raise Refused(
            f"{making.label}: “{wrong[0]}” is none that there is.", field="takes", code="invalid_choice"
        )
    return takes


def _checked_scope(one: Mapping, scope: ScopeChoice) -> ScopeChoice:
    """Return a scope in which every aspect and value is one that there is. Raises `Refused`."""
    aspects = {aspect.key: aspect for aspect in one.aspects}
    aged = any(aspect.is_aged for aspect in one.aspects)
    unknown = [key for key in (*scope.only, *scope.flags) if key not in aspects]
    if unknown or (scope.months is not None and not aged):
        what = unknown[0] if unknown else "months"
        raise Refused(
            f"{one.plural.capitalize()} are not chosen by “{what}”.", field="scope", code="invalid_choice"
        )
    only = {}
    for key, values in scope.only.items():
        options = aspects[key].options
        known = {value for value, _words in options()} if options is not None else set()
        wrong = [value for value in values if value not in known and not aspects[key].is_open]
        if aspects[key].test is not Test.VALUES:
            wrong = [key]
        if wrong:
            raise Refused(
                f"{aspects[key].label}: “{wrong[0]}” is none that there is.",
                field="scope",
                code="invalid_choice",
            )
        only[key] = tuple(dict.fromkeys(values))
    flags = tuple(key for key in aspects if key in scope.flags)
    return ScopeChoice(off=scope.off, only=only, flags=flags, months=scope.months)


def _shaped(choice: FieldChoice, declared: str, facts: Facts) -> FieldChoice:
    """Return a choice with what the field there is; one that chooses what is declared chooses no field."""
    if choice.there in ("", declared):
        return choice.model_copy(update={"there": "", "shape": None})
    shape = _shape(choice.there, facts) or choice.shape
    return choice.model_copy(update={"shape": shape or Shape()})


def _with_shape(constant: Constant, there: str, facts: Facts) -> Constant:
    return constant.model_copy(update={"shape": _shape(there, facts) or constant.shape})


def _shape(there: str, facts: Facts) -> Shape | None:
    return shape_of(there, facts[there]) if there in facts else None
