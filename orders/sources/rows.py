"""Columns, and what a source says of whole rows: which are left out, and which one declares totals."""

from collections.abc import Iterator, Mapping
from itertools import pairwise
from typing import Annotated, ClassVar, Final

from pydantic import AfterValidator, BeforeValidator, Field, Strict, StringConstraints, ValidationInfo

from prm.core.schema import Problem, Says, Schema, Words, refusal

PLACES: Final = range(1, 1001)
_NO_FILTER: Final = 'Write [[filters]] column = "…" with take = ["…"] or leave = ["…"], not both.'
_NO_TOTALS: Final = (
    'Write [control_totals] row = "…", as it begins, and the columns of lines, orders or amount.'
)


NO_CANCELLATIONS: Final = 'This takes number_prefixes = ["C"] and types = ["credit note"], and nothing else.'
NO_STARTS: Final = "Write in which character each column begins, from 1: [1, 9, 20]."


def in_order(value: tuple[int, ...]) -> tuple[int, ...]:
    """Return where columns of fixed width begin; refuse what is not in order, from 1 on, or a single one."""
    if value and (len(value) < 2 or value[0] < 1 or any(b <= a for a, b in pairwise(value))):
        raise refusal(NO_STARTS)
    return value


def _fits_header(value: object, info: ValidationInfo) -> object:
    if (info.context or {}).get("header", True):
        if isinstance(value, str) and value.strip():
            return value.strip()
        raise refusal("Write the column's heading.")
    if isinstance(value, int) and not isinstance(value, bool) and value in PLACES:
        return value
    raise refusal("Without a header write the column's number, the first is 1.")


Column = Annotated[str | int, BeforeValidator(_fits_header)]


class Filter(Schema):
    """Rows that are taken, or left out, by the cell of one column."""

    words: ClassVar[Mapping[str, Words]] = {
        "extra_forbidden": (_NO_FILTER, "unknown_field"), "model_type": (_NO_FILTER, "type"),
    }  # fmt: skip

    column: Column
    take: Annotated[tuple[str, ...], Strict(False), Says(_NO_FILTER)] = ()
    leave: Annotated[tuple[str, ...], Strict(False), Says(_NO_FILTER)] = ()

    @classmethod
    def across(cls, data: Mapping[str, object]) -> Iterator[Problem]:
        """Yield what is wrong unless rows are either taken or left out."""
        if bool(data.get("take")) == bool(data.get("leave")):
            yield Problem("", _NO_FILTER)


Prefix = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]


def _small_words(value: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(word.lower() for word in value)


class Cancellations(Schema):
    """How the source marks documents that cancel an order."""

    words: ClassVar[Mapping[str, Words]] = {"extra_forbidden": (NO_CANCELLATIONS, "unknown_field")}

    number_prefixes: Annotated[
        tuple[Prefix, ...], Strict(False), Says('Write a list of texts, for example ["C"].')
    ] = Field(default=(), description="a number that begins so is a cancellation document")
    types: Annotated[
        tuple[Prefix, ...],
        Strict(False),
        AfterValidator(_small_words),
        Says('Write a list of texts, for example ["credit note"].'),
    ] = Field(default=(), description="a document of this type is a credit note")


class Totals(Schema):
    """The row of a file that declares what its lines come to."""

    words: ClassVar[Mapping[str, Words]] = {
        "extra_forbidden": (_NO_TOTALS, "unknown_field"), "model_type": (_NO_TOTALS, "type"),
    }  # fmt: skip

    row: Annotated[str, StringConstraints(strip_whitespace=True, max_length=40), Says(_NO_TOTALS)] = ""
    lines: Column | None = None
    orders: Column | None = None
    amount: Column | None = None

    @classmethod
    def across(cls, data: Mapping[str, object]) -> Iterator[Problem]:
        """Yield what is wrong unless both the row and what it declares are known."""
        declares = any(data.get(name) is not None for name in ("lines", "orders", "amount"))
        if bool(data.get("row")) != declares:
            yield Problem("row", _NO_TOTALS)


def total_passed_over(data: Mapping[str, object]) -> Iterator[Problem]:
    """Yield when the row of totals would be passed over as a line of totals."""
    words, control = data.get("totals"), data.get("control_totals")
    row = control.get("row") if isinstance(control, Mapping) else None
    if isinstance(row, str) and isinstance(words, list | tuple):
        begins = row.strip().casefold()
        if any(isinstance(word, str) and word and begins.startswith(word.casefold()) for word in words):
            yield Problem(
                "control_totals.row",
                f"Take {row.strip()!r} out of `totals`: lines named there are passed over.",
            )


def read_filters(value: object, info: ValidationInfo) -> object:
    """Return filters as given; columns are headings or numbers, as `header` says."""
    context = {"header": info.data.get("header", True)}
    if not isinstance(value, list | tuple):
        raise refusal(_NO_FILTER)
    return tuple(
        one if isinstance(one, Filter) else Filter.model_validate(one, context=context) for one in value
    )


def read_totals(value: object, info: ValidationInfo) -> object:
    """Return what the row of totals declares; columns are headings or numbers, as `header` says."""
    context = {"header": info.data.get("header", True)}
    return value if isinstance(value, Totals) else Totals.model_validate(value, context=context)
