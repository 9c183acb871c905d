"""Input of the page of a source."""

from typing import Any

from django import forms

from orders.sources.models import OrderSource
from orders.sources.spec import DELIMITERS, ENCODINGS, FIELDS, PARTNER_KINDS, SpecError, parse_spec

_DATE_FORMATS = (
    ("iso", "2026-11-23 14:30 (ISO)"),
    ("%m/%d/%Y", "11/23/2026 (month first)"),
    ("%d/%m/%Y", "23/11/2026 (day first)"),
    ("%d.%m.%Y", "23.11.2026"),
    ("%m/%d/%Y %H:%M", "11/23/2026 14:30 (month first)"),
    ("%d/%m/%Y %H:%M", "23/11/2026 14:30 (day first)"),
    ("%Y%m%d", "20261123"),
)


class SourceForm(forms.Form):
    """An order source: one field per setting, one per column."""

    name = forms.CharField(max_length=80, help_text="As people call the system: “Meditech orders”.")
    header = forms.BooleanField(required=False, initial=True, label="The first line holds headings")
    encoding = forms.ChoiceField(choices=[(e, e) for e in ENCODINGS], initial="utf-8")
    delimiter = forms.ChoiceField(choices=[(mark, word.capitalize()) for word, mark in DELIMITERS.items()])
    decimal_mark = forms.ChoiceField(choices=[(".", "1,234.50"), (",", "1.234,50")], label="Numbers")
    date_format = forms.CharField(
        label="Dates", initial="iso", help_text="A format of the list, or your own with %d, %m, %Y."
    )
    timezone = forms.CharField(required=False, label="Time zone", help_text="Empty: your organisation’s.")
    currency = forms.CharField(required=False, max_length=3, help_text="Empty: your organisation’s.")
    code_scheme = forms.CharField(
        required=False, max_length=60, label="Whose codes", help_text="For example NPI, customer number."
    )
    create_partners = forms.BooleanField(required=False, label="Make a partner of every unknown code")
    partner_kind = forms.ChoiceField(
        choices=[(k, k.capitalize()) for k in PARTNER_KINDS], label="Which is then a"
    )
    drop_exact_repeats = forms.BooleanField(
        required=False, initial=True, label="Count a line repeated exactly inside an order once"
    )
    number_prefixes = forms.CharField(
        required=False, label="Cancellation numbers begin with", help_text="For example C. Several: C, X."
    )
    states = forms.CharField(
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
        label="States",
        help_text="One a line: X = cancelled. Known: received, scheduled, completed, cancelled.",
    )
    is_active = forms.BooleanField(required=False, initial=True, label="Takes orders")

    def __init__(self, *args: Any, source: OrderSource | None = None, **kwargs: Any) -> None:
        if source is not None:
            kwargs.setdefault("initial", self.initial_of(source))
        super().__init__(*args, **kwargs)
        self.fields["date_format"].widget.attrs["list"] = "date-formats"
        for name, label in FIELDS.items():
            self.fields[f"column_{name}"] = forms.CharField(required=False, label=label, max_length=200)

    @property
    def column_fields(self) -> list[forms.BoundField]:
        """The fields of the mapping."""
        return [self[f"column_{name}"] for name in FIELDS]

    @property
    def date_formats(self) -> tuple[tuple[str, str], ...]:
        """Formats to choose from."""
        return _DATE_FORMATS

    @staticmethod
    def initial_of(source: OrderSource) -> dict[str, Any]:
        """The form's content for a source."""
        spec = source.rules
        plain = ("header", "encoding", "delimiter", "decimal_mark", "timezone", "currency", "code_scheme",
                 "create_partners", "partner_kind", "drop_exact_repeats")  # fmt: skip
        return {
            **{name: getattr(spec, name) for name in plain},
            "name": source.name,
            "is_active": source.is_active,
            "date_format": ", ".join(spec.date_formats),
            "number_prefixes": ", ".join(spec.number_prefixes),
            "states": "\n".join(f"{sent} = {state}" for sent, state in spec.states.items()),
            **{f"column_{field}": str(column) for field, column in spec.columns.items()},
        }

    def clean(self) -> dict[str, Any]:
        """Also judge the whole specification, and put its problems beside their fields."""
        data = super().clean() or {}
        if self.errors:
            return data
        data["spec"] = self._spec(data)
        try:
            parse_spec(data["spec"])
        except SpecError as error:
            for problem in error.problems:
                self.add_error(self._field_of(problem.field), problem.message)
        return data

    def _spec(self, data: dict[str, Any]) -> dict[str, Any]:
        columns: dict[str, str | int] = {}
        for name in FIELDS:
            if column := data[f"column_{name}"].strip():
                is_place = not data["header"] and column.isdigit()
                columns[name] = int(column) if is_place else column
        states = {}
        for line in data["states"].splitlines():
            sent, mark, state = line.partition("=")
            if sent.strip():
                states[sent.strip()] = state.strip() if mark else ""
        plain = ("header", "encoding", "delimiter", "decimal_mark", "timezone", "currency", "code_scheme",
                 "create_partners", "partner_kind", "drop_exact_repeats")  # fmt: skip
        return {
            **{name: data[name] for name in plain},
            "columns": columns,
            "date_formats": [text.strip() for text in data["date_format"].split(",") if text.strip()],
            "cancellations": {
                "number_prefixes": [p.strip() for p in data["number_prefixes"].split(",") if p.strip()]
            },
            "states": states,
        }

    def _field_of(self, path: str) -> str | None:
        head, _, rest = path.partition(".")
        names = {"date_formats": "date_format", "cancellations": "number_prefixes", "states": "states"}
        name = f"column_{rest}" if head == "columns" and rest else names.get(head.split("[")[0], head)
        return name if name in self.fields else None
