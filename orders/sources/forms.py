"""Input of the page of a source."""

from collections.abc import Iterable, Mapping
from typing import Final

from django import forms

from orders.sources import kinds
from orders.sources.models import OrderSource
from orders.sources.rows import Filter, Totals
from orders.sources.spec import CREDITS, DELIMITERS, ENCODINGS, FIELDS, SENT_BY_PROGRAMS, HeaderColumns, Spec
from partners.kinds.queries import kind_choices
from prm.core.schema import SchemaError

_DATE_FORMATS: Final = (
    ("iso", "2026-11-23 14:30 (ISO)"),
    ("%m/%d/%Y", "11/23/2026 (month first)"),
    ("%d/%m/%Y", "23/11/2026 (day first)"),
    ("%d.%m.%Y", "23.11.2026"),
    ("%m/%d/%Y %H:%M", "11/23/2026 14:30 (month first)"),
    ("%d/%m/%Y %H:%M", "23/11/2026 14:30 (day first)"),
    ("%Y%m%d", "20261123"),
)
# Settings that the form shows as they are; the others are written in a way of their own.
_AS_THEY_ARE: Final = (
    "header", "encoding", "delimiter", "decimal_mark", "timezone", "currency", "code_scheme", "sheet",
    "create_partners", "partner_kind", "drop_exact_repeats", "order_lines", "minor_units", "mint_numbers", "header_files",
)  # fmt: skip
# Where a problem of a setting is shown when the form calls the setting otherwise.
_SHOWN_AT: Final = {
    "date_formats": "date_format", "cancellations": "number_prefixes", "cancellations.types": "credit_types",
    "columns": "column_number", "header_columns": "header_number", "control_totals": "totals_row",
}  # fmt: skip
_PREFIXES: Final = {"columns": "column", "header_columns": "header", "control_totals": "totals"}
# Columns that few sources have; the page shows them apart.
_RARE: Final = (
    "number_2", "number_3", "discount_percent", "discount", "tax", "shipping", "refund", "type",
)  # fmt: skip
_APART: Final = (*_RARE, *CREDITS)
_OF_HEADERS: Final = {"amount": "Amount of the whole order"}


class SourceForm(forms.Form):
    """An order source: one field per setting, one per column."""

    name = forms.CharField(max_length=80, help_text="As people call the system: “Meditech orders”.")
    kind = forms.ChoiceField(
        required=False,
        label="Its orders come",
        choices=kinds.choices,
        initial=kinds.USUAL,
        help_text="Programs that send orders by REST name their fields themselves: columns can stay empty.",
    )
    header = forms.BooleanField(required=False, initial=True, label="The first line holds headings")
    encoding = forms.ChoiceField(choices=[(e, e) for e in ENCODINGS], initial="utf-8")
    delimiter = forms.ChoiceField(choices=[(mark, word.capitalize()) for word, mark in DELIMITERS.items()])
    decimal_mark = forms.ChoiceField(choices=[(".", "1,234.50"), (",", "1.234,50")], label="Numbers")
    date_format = forms.CharField(
        label="Dates", initial="iso", help_text="A format of the list, or your own with %d, %m, %Y."
    )
    starts = forms.CharField(
        required=False,
        label="Fixed width: columns begin in",
        help_text="Characters from 1, as 1, 9, 20. Empty: a mark stands between cells.",
    )
    timezone = forms.CharField(required=False, label="Time zone", help_text="Empty: your organisation’s.")
    currency = forms.CharField(required=False, max_length=3, help_text="Empty: your organisation’s.")
    code_scheme = forms.CharField(
        required=False, max_length=60, label="Whose codes", help_text="For example NPI, customer number."
    )
    sheet = forms.CharField(
        required=False,
        max_length=31,
        label="Sheet",
        help_text="Of a workbook. Empty: the first that is not hidden.",
    )
    create_partners = forms.BooleanField(required=False, label="Make a partner of every unknown code")
    partner_kind = forms.ChoiceField(choices=kind_choices, label="Which is then a")
    drop_exact_repeats = forms.BooleanField(
        required=False, initial=True, label="Count a line repeated exactly inside an order once"
    )
    order_lines = forms.ChoiceField(
        choices=[
            ("replaces", "It is the whole order: what is held of it is replaced"),
            ("adds", "It may be a part: its lines are added to those of other files"),
        ],
        required=False,
        initial="replaces",
        label="What a file brings of an order",
    )
    number_prefixes = forms.CharField(
        required=False, label="Cancellation numbers begin with", help_text="For example C. Several: C, X."
    )
    credit_types = forms.CharField(
        required=False,
        label="Types of credit notes",
        help_text="As the document type names them: credit note, CR.",
    )
    minor_units = forms.BooleanField(
        required=False, label="Money is written in the smallest unit (1250 is 12.50)"
    )
    mint_numbers = forms.BooleanField(
        required=False, label="Rows have no order number: each is an order, known by what it says"
    )
    filters = forms.CharField(
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        label="Rows to take or leave out",
        help_text="One a line: Status: leave Draft, Test. Or: Type: take Order.",
    )
    totals_row = forms.CharField(
        required=False, max_length=40, label="The row of totals begins with", help_text="For example Total."
    )
    totals_lines = forms.CharField(required=False, max_length=200, label="Column with the number of lines")
    totals_orders = forms.CharField(required=False, max_length=200, label="Column with the number of orders")
    totals_amount = forms.CharField(required=False, max_length=200, label="Column with the amount")
    header_files = forms.CharField(
        required=False,
        max_length=100,
        label="Names of the files of headers",
        help_text="For example SalesOrders*. Empty: known by their headings.",
    )
    states = forms.CharField(
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
        label="States",
        help_text="One a line: X = cancelled. Known: received, scheduled, completed, cancelled.",
    )
    is_active = forms.BooleanField(required=False, initial=True, label="Takes orders")

    def __init__(
        self, data: Mapping[str, object] | None = None, *, source: OrderSource | None = None
    ) -> None:
        super().__init__(data, initial=initial_of(source) if source is not None else None)
        self._held = source.rules.to_json() if source is not None else {}
        self.fields["date_format"].widget.attrs["list"] = "date-formats"
        for name, label in FIELDS.items():
            self.fields[f"column_{name}"] = forms.CharField(required=False, label=label, max_length=200)
        for name in HeaderColumns.model_fields:
            self.fields[f"header_{name}"] = forms.CharField(
                required=False, label=_OF_HEADERS.get(name, FIELDS[name]), max_length=200
            )

    @property
    def column_fields(self) -> list[forms.BoundField]:
        """The fields of the mapping that most sources use."""
        return [self[f"column_{name}"] for name in FIELDS if name not in _APART]

    @property
    def rare_fields(self) -> list[forms.BoundField]:
        """The other fields of the mapping."""
        return [self[f"column_{name}"] for name in _RARE]

    @property
    def credit_fields(self) -> list[forms.BoundField]:
        """The fields of the mapping that say how the credit is shared."""
        return [self[f"column_{name}"] for name in CREDITS]

    @property
    def uses_credits(self) -> bool:
        """Whether any of those says something, or is wrong."""
        return any(field.value() or field.errors for field in self.credit_fields)

    @property
    def header_fields(self) -> list[forms.BoundField]:
        """The fields of the mapping of a file of headers."""
        return [self[f"header_{name}"] for name in HeaderColumns.model_fields]

    @property
    def uses_rare(self) -> bool:
        """Whether any of the other fields says something, or is wrong."""
        others = (self["minor_units"], self["mint_numbers"], self["credit_types"])
        return any(field.value() or field.errors for field in (*self.rare_fields, *others))

    @property
    def totals_fields(self) -> list[forms.BoundField]:
        """The fields of the row of totals."""
        return [self[f"totals_{name}"] for name in Totals.model_fields]

    @property
    def uses_sieves(self) -> bool:
        """Whether rows are left out or totals declared, or something is wrong with that."""
        return any(field.value() or field.errors for field in [*self.totals_fields, self["filters"]])

    @property
    def uses_headers(self) -> bool:
        """Whether there is a file of headers, or something wrong with it."""
        return any(field.value() or field.errors for field in [*self.header_fields, self["header_files"]])

    @property
    def date_formats(self) -> tuple[tuple[str, str], ...]:
        """Formats to choose from."""
        return _DATE_FORMATS

    def clean(self) -> None:
        """Judge the whole specification too, and put its problems beside their fields."""
        super().clean()
        if self.errors:
            return
        self.cleaned_data["kind"] = self.cleaned_data["kind"] or None
        self.cleaned_data["spec"] = self._spec()
        try:
            Spec.parse(self.cleaned_data["spec"])
        except SchemaError as error:
            for problem in error.problems:
                self.add_error(self._field_of(problem.field), problem.message)

    def _spec(self) -> dict[str, object]:
        data = self.cleaned_data
        columns = self._columns("column", FIELDS)
        usual = {} if columns else self._usual_columns()
        return (
            self._unshown()
            | {name: data[name] for name in _AS_THEY_ARE}
            | {
                "starts": _whole_numbers(data["starts"]),
                "order_lines": data["order_lines"] or "replaces",
                "header": data["header"] or bool(usual),
                "columns": columns or usual,
                "header_columns": self._columns("header", HeaderColumns.model_fields),
                "filters": _filters_of(data["filters"], header=data["header"]),
                "control_totals": self._columns("totals", Totals.model_fields) | _row_of(data["totals_row"]),
                "date_formats": _listed(data["date_format"]),
                "cancellations": {
                    "number_prefixes": _listed(data["number_prefixes"]),
                    "types": _listed(data["credit_types"]),
                },
                "states": _states_of(data["states"]),
            }
        )

    def _unshown(self) -> dict[str, object]:
        """Return the settings that no field shows as they are: how cells are quoted, words of totals, marks of columns."""
        held = dict(self._held)
        if held.get("decimal_mark") != self.cleaned_data["decimal_mark"]:
            held.pop("decimal_marks", None)
        return held

    def _usual_columns(self) -> dict[str, str | int]:
        """Return the columns of a source that is given none, since programs name their fields themselves."""
        return dict(SENT_BY_PROGRAMS) if self.cleaned_data["kind"] not in (None, kinds.USUAL) else {}

    def _columns(self, prefix: str, names: Iterable[str]) -> dict[str, str | int]:
        columns: dict[str, str | int] = {}
        for name in names:
            if column := self.cleaned_data[f"{prefix}_{name}"].strip():
                is_number = not self.cleaned_data["header"] and column.isdecimal()
                columns[name] = int(column) if is_number else column
        return columns

    def _field_of(self, path: str) -> str | None:
        """Return the form's field for a setting's path; `None` for the whole."""
        if path in _SHOWN_AT:
            return _SHOWN_AT[path]
        setting, _, inner = path.partition(".")
        setting, inner = setting.partition("[")[0], inner.partition("[")[0]
        prefix = _PREFIXES.get(setting)
        name = f"{prefix}_{inner}" if prefix and inner else _SHOWN_AT.get(setting, setting)
        return name if name in self.fields else None


def initial_of(source: OrderSource) -> dict[str, object]:
    """Return what the form shows for a source."""
    spec = source.rules
    return {
        **{name: getattr(spec, name) for name in _AS_THEY_ARE},
        "name": source.name,
        "kind": source.kind,
        "is_active": source.is_active,
        "date_format": ", ".join(spec.date_formats),
        "starts": ", ".join(map(str, spec.starts)),
        "number_prefixes": ", ".join(spec.cancellations.number_prefixes),
        "credit_types": ", ".join(spec.cancellations.types),
        "states": "\n".join(f"{sent} = {state}" for sent, state in spec.states.items()),
        "filters": "\n".join(map(_line_of, spec.filters)),
        **{
            f"totals_{name}": str(said)
            for name, said in spec.control_totals.model_dump(exclude_none=True).items()
        },
        **{f"column_{field}": str(column) for field, column in spec.columns.items()},
        **{f"header_{field}": str(column) for field, column in spec.header_columns.items()},
    }


def _listed(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]


def _whole_numbers(text: str) -> list[int | str]:
    """Return what is listed as whole numbers; another word stays, to be refused by name."""
    return [int(part) if part.isdecimal() else part for part in _listed(text)]


def _row_of(text: str) -> dict[str, str | int]:
    """Return how the row of totals begins, which is a text even where columns have numbers."""
    return {"row": text.strip()} if text.strip() else {}


def _line_of(one: Filter) -> str:
    which = f"take {', '.join(one.take)}" if one.take else f"leave {', '.join(one.leave)}"
    return f"{one.column}: {which}"


def _filters_of(text: str, *, header: bool) -> list[dict[str, object]]:
    """Return the lines `column: take a, b` and `column: leave a, b` as filters."""
    filters: list[dict[str, object]] = []
    for line in filter(str.strip, text.splitlines()):
        column, _, rest = line.rpartition(":")
        which, _, cells = rest.strip().partition(" ")
        name = column.strip()
        filters.append(
            {
                "column": int(name) if not header and name.isdecimal() else name,
                which.lower() or "take": [cell.strip() for cell in cells.split(",")],
            }
        )
    return filters


def _states_of(text: str) -> dict[str, str]:
    """Return the lines `as sent = state` as a table."""
    states = {}
    for line in text.splitlines():
        sent, _, state = line.partition("=")
        if sent.strip():
            states[sent.strip()] = state.strip()
    return states
