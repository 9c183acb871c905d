"""One row of the mapping as a form, a constant, an object, a file."""

from __future__ import annotations

import json
from collections.abc import Sequence

from django import forms
from django.http import QueryDict

from prm.core.errors import Refused
from prm.mapping import Field, Kind, Mapping, Way, Winner
from prm.salesforce.mapping.choices import FieldChoice
from prm.salesforce.mapping.facts import Facts, FieldFacts, words_of
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
