"""One row of the mapping as a form, a constant, an object, a file."""

from __future__ import annotations

import json
from collections.abc import Mapping as Record
from collections.abc import Sequence
from typing import Final

from django import forms
from django.http import QueryDict

from prm.core.errors import Refused
from prm.mapping import Aspect, Field, Kind, Making, Mapping, Test, Way, Winner
from prm.salesforce.mapping.choices import (
    NO_LINES,
    NO_TAKES,
    FieldChoice,
    KindChoice,
    LinesChoice,
    ScopeChoice,
    TakesChoice,
)
from prm.salesforce.mapping.facts import Facts, FieldFacts, words_of
from prm.salesforce.mapping.kinds import ACCOUNTS
from prm.salesforce.mapping.words import DIRECTIONS, WAYS, WINNERS, direction_of, directions_for

MOST_BYTES = 1_000_000
_AS_DECLARED = ""


class FieldForm(forms.Form):
    """Where a field goes, which way, who wins, and what is done on the way."""

    there = forms.ChoiceField(label="Field in Salesforce")
    direction = forms.ChoiceField(
        label="Direction", choices=[(one, words.capitalize()) for one, words in DIRECTIONS.items()]
    )
    winner = forms.ChoiceField(
        label="Winner",
        required=False,
        choices=[(one.value, WINNERS[one].capitalize()) for one in Winner],
        help_text="Whose value stays when both sides changed it. Newest goes by when each record was last saved.",
    )
    way = forms.ChoiceField(
        label="On the way", required=False, choices=[(one.value, WAYS[one].capitalize()) for one in Way]
    )
    table = forms.CharField(
        label="Values",
        required=False,
        widget=forms.Textarea,
        help_text="One a line: ours = theirs. Nothing after the = sends it empty. What is not named stays as it is.",
    )
    default = forms.CharField(
        label="For nothing",
        required=False,
        max_length=255,
        help_text="What goes there where it is empty here.",
    )

    def __init__(
        self,
        data: QueryDict | None = None,
        *,
        own: Field,
        mapping: Mapping,
        choice: FieldChoice,
        fitting: Sequence[tuple[str, FieldFacts]],
        is_parent: bool,
    ) -> None:
        self.own = own
        initial = {
            "there": choice.there or own.there,
            "direction": direction_of(own, choice),
            "winner": (choice.winner or own.winner).value,
            "way": choice.way.value,
            "table": "\n".join(f"{ours} = {theirs}" for ours, theirs in choice.table),
            "default": choice.default,
        }
        super().__init__(data, initial=initial)
        names = {name: f"{each['label']} ({name}), {words_of(name, each)}" for name, each in fitting}
        for name in filter(None, (own.there, choice.there)):
            names.setdefault(name, name)
        directions = directions_for(mapping, own)
        allowed = [(one, DIRECTIONS[one].capitalize()) for one in directions]
        for name, choices in (("there", list(names.items())), ("direction", allowed)):
            self.fields[name].choices = choices  # type: ignore[attr-defined]
        if "both" not in directions:
            del self.fields["winner"]
        if is_parent or own.kind is Kind.OWNER:
            for name in ("way", "table", "default"):
                del self.fields[name]

    def clean_table(self) -> tuple[tuple[str, str], ...]:
        """Return the pairs of values. Refuses a line without =."""
        pairs = []
        for number, line in enumerate(self.cleaned_data["table"].splitlines(), 1):
            ours, sign, theirs = line.partition("=")
            if line.strip() and not (sign and ours.strip()):
                raise forms.ValidationError(f"Line {number}: write ours = theirs.")
            if line.strip():
                pairs.append((ours.strip()[:255], theirs.strip()[:255]))
        return tuple(pairs)

    @property
    def choice(self) -> FieldChoice:
        """What was chosen, where it is other than declared."""
        cleaned, own = self.cleaned_data, self.own
        winner = Winner(cleaned["winner"]) if cleaned.get("winner") else own.winner
        return FieldChoice(
            there="" if cleaned["there"] == own.there else cleaned["there"],
            direction=None if cleaned["direction"] == own.direction.value else cleaned["direction"],
            winner=None if winner is own.winner else winner,
            way=Way(cleaned.get("way") or Way.AS_IS),
            table=cleaned.get("table") or (),
            default=cleaned.get("default") or "",
        )


class ConstantForm(forms.Form):
    """What a field there always gets that nothing here fills."""

    there = forms.ChoiceField(label="Field in Salesforce")
    value = forms.CharField(
        label="Always",
        required=False,
        max_length=255,
        help_text="Leave it empty to fill the field no longer.",
    )

    def __init__(
        self, data: QueryDict | None = None, *, facts: Facts, there: str, value: str, free: Sequence[str]
    ) -> None:
        super().__init__(data, initial={"there": there, "value": value})
        shown = [there] if there else list(free)
        self.fields["there"].choices = [  # type: ignore[attr-defined]
            (
                name,
                f"{facts[name]['label']} ({name}), {words_of(name, facts[name])}" if name in facts else name,
            )
            for name in shown
        ]
        values = facts[there]["values"] if there in facts else []
        if values:
            own = [value] if value and value not in values else []
            self.fields["value"] = forms.ChoiceField(
                label="Always",
                required=False,
                choices=[("", "Not filled"), *((one, one) for one in [*own, *values])],
            )


class ObjectForm(forms.Form):
    """As which object records are kept there."""

    sobject = forms.RegexField(
        r"^[A-Za-z]\w{0,78}$",
        label="Object in Salesforce",
        help_text="Its API name. It needs the key field PRM_Id__c. Only while none of these records is linked.",
        error_messages={"invalid": "Write the API name of an object: letters, digits and underlines."},
    )


class ScopeForm(forms.Form):
    """Which records of a mapping are kept in step."""

    def __init__(
        self,
        data: QueryDict | None = None,
        *,
        mapping: Mapping,
        choice: ScopeChoice,
        takes: TakesChoice = NO_TAKES,
        lines: LinesChoice = NO_LINES,
        record_types: Sequence[str] = (),
    ) -> None:
        """`record_types` are those that the organisation has, by developer name."""
        super().__init__(data)
        self.mapping = mapping
        self.record_types = list(dict.fromkeys([*takes.by_record_type, *record_types]))[:MOST_RECORD_TYPES]
        self.fields["which"] = forms.ChoiceField(
            label="In step",
            choices=[("some", f"{mapping.plural.capitalize()} as chosen below"), ("none", "None of them")],
            initial="none" if choice.off else "some",
            widget=forms.RadioSelect,
        )
        for aspect in mapping.aspects:
            self.fields[aspect.key] = _scope_field(aspect, choice)
        if mapping.adopt is not None and mapping.adopt.making is not None:
            self._add_takes(mapping.adopt.making, takes)
        if mapping.lines is not None:
            self._add_lines(lines)

    def _add_lines(self, lines: LinesChoice) -> None:
        self.fields["lines"] = forms.BooleanField(
            label="Lines go as products",
            required=False,
            initial=lines.on,
            help_text="Products are found in Salesforce by their code. Where one of an order is missing, the order goes with its amount "
            "and without products, and says so. The amount there is the sum of the products.",
        )
        self.fields["lines_book"] = forms.CharField(
            label="Price book",
            required=False,
            max_length=255,
            initial=lines.book,
            help_text="Its name in Salesforce. Empty: the standard price book.",
        )
        self.fields["lines_create"] = forms.BooleanField(
            label="Make products that are missing there",
            required=False,
            initial=lines.creates,
            help_text="With the code and name that they have here, and a list price of 0 in the standard price book and in this one.",
        )

    def _add_takes(self, making: Making, takes: TakesChoice) -> None:
        self.fields["takes"] = forms.BooleanField(
            label="What is made in Salesforce later comes here",
            required=False,
            initial=takes.on,
            help_text="What is certainly one of yours is linked, what may be waits for you, what is new becomes a "
            f"{self.mapping.singular}. Not ticked, all of it waits under Adopt accounts.",
        )
        sorts = [("", "None: it waits"), *making.sorts()]
        self.fields["takes_as"] = forms.ChoiceField(
            label=f"{making.label} of what comes", required=False, choices=sorts, initial=takes.sort
        )
        for place, name in enumerate(self.record_types):
            self.fields[f"type_{place}"] = forms.ChoiceField(
                label=f"Of record type {name}",
                required=False,
                choices=[(_ELSE, "As above"), *sorts],
                initial=takes.by_record_type.get(name, _ELSE),
            )

    @property
    def takes(self) -> TakesChoice | None:
        """What becomes of records that are made there; `None` where that is no choice."""
        if "takes" not in self.fields:
            return None
        cleaned = self.cleaned_data
        by_type = {name: cleaned[f"type_{place}"] for place, name in enumerate(self.record_types)}
        return TakesChoice(
            on=cleaned["takes"],
            sort=cleaned["takes_as"],
            by_record_type={name: sort for name, sort in by_type.items() if sort != _ELSE},
        )

    @property
    def lines(self) -> LinesChoice | None:
        """What becomes of lines; `None` where there are none."""
        if "lines" not in self.fields:
            return None
        cleaned = self.cleaned_data
        return LinesChoice(on=cleaned["lines"], book=cleaned["lines_book"], creates=cleaned["lines_create"])

    @property
    def choice(self) -> ScopeChoice:
        """What was chosen; where all values of an aspect are, or none, nothing is left out by it."""
        cleaned = self.cleaned_data
        only: dict[str, tuple[str, ...]] = {}
        for aspect in self.mapping.aspects:
            if aspect.test is Test.VALUES and cleaned[aspect.key]:
                offered = dict(self.fields[aspect.key].choices)  # type: ignore[attr-defined]
                if aspect.is_open or len(cleaned[aspect.key]) < len(offered):
                    only[aspect.key] = tuple(_plain(value) for value in cleaned[aspect.key])
        flags = tuple(
            each.key for each in self.mapping.aspects if each.test is Test.FLAG and cleaned[each.key]
        )
        aged = [each.key for each in self.mapping.aspects if each.is_aged]
        months = cleaned[aged[0]] if aged else None
        return ScopeChoice(off=cleaned["which"] == "none", only=only, flags=flags, months=months)


MOST_RECORD_TYPES: Final = 20
_ELSE: Final = "(else)"
_NOTHING: Final = "(nothing)"
"""Stands in a form for the value of what has none: a list of ticks cannot tell it from nothing ticked."""


def _plain(value: str) -> str:
    return "" if value == _NOTHING else value


def _scope_field(aspect: Aspect, choice: ScopeChoice) -> forms.Field:
    if aspect.test is Test.FLAG:
        return forms.BooleanField(label=aspect.label, required=False, initial=aspect.key in choice.flags)
    if aspect.is_aged:
        return forms.IntegerField(
            label=f"{aspect.label} months",
            required=False,
            min_value=1,
            max_value=600,
            initial=choice.months,
            help_text="Whole calendar months before the present one. Empty: however old it is.",
        )
    chosen = choice.only.get(aspect.key, ())
    offered = list(aspect.options()) if aspect.options is not None else []
    offered += [(value, value) for value in chosen if value not in dict(offered)]
    return forms.MultipleChoiceField(
        label=aspect.label,
        required=False,
        choices=[(value or _NOTHING, words) for value, words in offered],
        initial=[value or _NOTHING for value in chosen],
        widget=forms.CheckboxSelectMultiple,
        help_text="None ticked: all.",
    )


class KindsForm(forms.Form):
    """As what records of each kind are kept: business or person accounts, and of which record type."""

    def __init__(
        self,
        data: QueryDict | None = None,
        *,
        sorts: Sequence[tuple[str, str]],
        kinds: Record[str, KindChoice],
        record_types: Sequence[str] = (),
    ) -> None:
        """`record_types` are those that the organisation has, by developer name."""
        super().__init__(data)
        self.sorts = [*sorts, *((sort, sort) for sort in kinds if sort not in dict(sorts))]
        for place, (sort, words) in enumerate(self.sorts):
            chosen = kinds.get(sort, KindChoice())
            self.fields[f"account_{place}"] = forms.ChoiceField(
                label=words,
                choices=[(one, name.capitalize()) for one, name in ACCOUNTS.items()],
                initial=chosen.account,
            )
            names = dict.fromkeys([*filter(None, [chosen.record_type]), *record_types])
            self.fields[f"type_{place}"] = forms.ChoiceField(
                label=f"{words}: record type",
                required=False,
                choices=[("", "As Salesforce gives it"), *((name, name) for name in names)],
                initial=chosen.record_type,
            )

    @property
    def pairs(self) -> list[tuple[forms.BoundField, forms.BoundField]]:
        """The two fields of each kind, which stand side by side."""
        return [(self[f"account_{place}"], self[f"type_{place}"]) for place in range(len(self.sorts))]

    @property
    def kinds(self) -> dict[str, KindChoice]:
        """What was chosen of each kind."""
        cleaned = self.cleaned_data
        return {
            sort: KindChoice(account=cleaned[f"account_{place}"], record_type=cleaned[f"type_{place}"])
            for place, (sort, _words) in enumerate(self.sorts)
        }


class FileForm(forms.Form):
    """A mapping as a file."""

    file = forms.FileField(
        label="Mapping", help_text="A JSON file as it is downloaded here. It becomes the draft."
    )

    def document(self) -> object:
        """Return what the file says. Raises `Refused` for what is no JSON."""
        file = self.cleaned_data["file"]
        if file.size > MOST_BYTES:
            raise Refused("The file is larger than 1 MB: it is no mapping.", field="file", code="too_large")
        try:
            return json.loads(file.read().decode("utf-8-sig"))
        except ValueError as error:
            raise Refused(f"This is no JSON: {error}.", field="file", code="invalid") from error
