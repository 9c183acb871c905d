"""What the page of a preview shows: what an import would do, its first rows, and what is left open.

Large files are judged by their first lines.
"""

import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Final, NamedTuple

from django.db import transaction

from orders.ingest.cells import Cells, Input, cells_of, column_of, dropped_headings, wrong_width
from orders.ingest.forecast import Asked, Fate, Forecast, forecast
from orders.ingest.joining import joined
from orders.ingest.reading.lines import LineMaker
from orders.ingest.rejected_rows import REASONS, RejectedRow, rejected_rows
from orders.ingest.service import rules_for
from orders.ingest.stage import Stage
from orders.ingest.states import RejectReason
from orders.proof.check import Doubt, accepted_spec, doubts_of, is_suspicious
from orders.runs.corrections.bring import judge, staged
from orders.runs.questions import Question, questions_of
from orders.runs.result import left_out_by
from orders.sources.credits import shown
from orders.sources.models import OrderSource
from orders.sources.spec import FIELDS, Spec
from orders.states import OrderState
from partners.directory.models import Partner
from prm.core.notation.reader import figure
from prm.tenancy.context import order_nouns, say_of_orders

# Lines read for a preview, rows shown of them, and rows whose dates and states are looked at.
MOST_LINES: Final = 50_000
ROWS: Final = 9
_SAMPLE: Final = 5_000
_COLUMNS: Final = 7
# Characters of a cell that are kept to be shown.
_SHOWN: Final = 200
_NUMERIC: Final = ("quantity", "unit_price", "amount")


class Column(NamedTuple):
    """A mapped column: our words, the file's heading, and whether it needs a look."""

    field: str
    label: str
    heading: str
    is_number: bool
    warning: str = ""


class Cell(NamedTuple):
    """One cell as written."""

    text: str
    is_number: bool
    is_bad: bool = False


class Row(NamedTuple):
    """One of the first rows: cells as read, and what will become of it. kind: "", warn or bad."""

    line: int
    cells: list[Cell]
    result: str
    kind: str = ""


@dataclass(frozen=True, slots=True)
class Share:
    """One part of the outcome: orders (or lines) and money."""

    key: str
    label: str
    count: int
    note: str = ""
    amount: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Preview:
    """Everything the page shows. `partial`: only the first lines were read; `tied`: a fraction."""

    lines: int
    rejected: int
    repeated: int
    shares: list[Share]
    tied: float | None
    untied: int
    columns: list[Column]
    rows: list[Row]
    questions: list[Question]
    dropped: list[str]
    reasons: Mapping[RejectReason, int]
    seconds: float
    partial: bool
    left_out: list[tuple[str, str, int]] = field(default_factory=list)
    headers: int = 0
    doubts: list[Doubt] = field(default_factory=list)

    @property
    def importable(self) -> int:
        """Return how many lines would go in or are there already."""
        return self.lines - self.rejected - self.headers - self.rows_left_out

    @property
    def rows_left_out(self) -> int:
        """Return how many rows the source's filters leave out."""
        return sum(count for _, _, count in self.left_out)


class _SampleRow(NamedTuple):
    line: int
    cells: Cells


@dataclass(slots=True)
class _Sample:
    """The beginning of the first file."""

    headings: dict[str, str]
    dropped: list[str]
    maker: LineMaker
    file_no: int = 0
    rows: list[_SampleRow] = field(default_factory=list)
    dates: list[str] = field(default_factory=list)
    states: list[str] = field(default_factory=list)

    @property
    def numbers(self) -> list[str]:
        """Return the order numbers of the rows to be shown, as written but for NUL, which is no text in the database."""
        return [
            self.maker.number_of(row.cells) or row.cells.get("number", "").strip().replace("\0", "\ufffd")
            for row in self.rows
        ]

    @property
    def asked(self) -> Asked:
        """Return what is to be known of the rows to be shown."""
        return Asked(self.numbers, self.file_no, [row.line for row in self.rows])


def preview(
    source: OrderSource,
    inputs: Sequence[Input],
    *,
    accepted: Sequence[str] = (),
    report: Callable[[Stage, int], None] = lambda *_: None,
) -> Preview:
    """Find out what an import of these inputs would do. Raises `BrokenFile`.

    `accepted` are readings that hold for these inputs alone. `report` is told the stage and the bytes read of the present input.
    """
    started = time.monotonic()
    again = rejected_rows(inputs, source.rules)
    if again is not None:
        return replace(_preview_again(source, again), seconds=round(time.monotonic() - started, 1))
    spec = accepted_spec(source.rules, accepted, inputs)
    maker = _unheard(spec)
    found_inputs = joined(inputs, spec, maker)
    sample = _sample_of(found_inputs.inputs[0], spec, maker)
    partial = False
    # Asked for before: while lines go into the stage, the connection can do nothing else.
    with transaction.atomic():
        corrections = source.rejected_lines.corrections()

    def fill(stage: Stage) -> None:
        nonlocal partial
        stage.intake.report = lambda bytes_done: report(stage, bytes_done)
        stage.intake.corrections = corrections
        for file_no, given in found_inputs.inputs:
            with given.open(spec) as table:
                left = MOST_LINES - stage.intake.lines
                stage.intake.feed(table, file_no, at_most=left, name=given.name)
            if stage.intake.lines >= MOST_LINES:
                partial = True
                return
        found_inputs.finish(stage)

    found = forecast(source, fill, spec=spec, asked=sample.asked)
    shown = _shown(spec, found, sample, partial=partial)
    doubts: list[Doubt] = []
    if partial or is_suspicious(found.stage.rejects.by_reason):
        # Over all rows, also those that the rest of the preview leaves to the import.
        doubts = [d for _, given in found_inputs.inputs for d in doubts_of(given, spec, accepted=accepted)]
    questions = _beside(shown.questions, doubts)
    return replace(shown, doubts=doubts, questions=questions, seconds=round(time.monotonic() - started, 1))


def _beside(questions: Sequence[Question], doubts: Sequence[Doubt]) -> list[Question]:
    """Leave out what a doubt asks itself, with the counts of all rows."""
    doubted = {doubt.field for doubt in doubts if doubt.better or doubt.mixed}
    return [question for question in questions if question.field not in doubted]


@transaction.atomic
def _preview_again(source: OrderSource, rows: Sequence[RejectedRow]) -> Preview:
    """Return what would become of rejected rows that come again."""
    judged = judge(source, rows)
    spec = judged.spec
    sample = _Sample({name: str(heading) for name, heading in spec.fields.items()}, [REASONS], _unheard(spec))
    problems = {(row.file_no, row.line_no): problem.message for row, problem in judged.problems}
    ready = {(one.row.file_no, one.row.line_no) for one in judged.ready}

    def fill(stage: Stage) -> None:
        for _ in staged(stage, judged):
            pass

    found = forecast(source, fill, spec=spec, append=True)
    shown = _shown(spec, found, sample, partial=False)
    names = _names_shown(sample)
    first = []
    for row in rows[:ROWS]:
        place = row.file_no, row.line_no
        cells = [Cell(row.cells.get(name, "")[:_SHOWN], name in _NUMERIC) for name in names]
        if place in problems:
            first.append(Row(row.line_no, cells, f"Rejected: {problems[place]}", "bad"))
        else:
            first.append(
                Row(
                    row.line_no,
                    cells,
                    say_of_orders("Goes into its {order}") if place in ready else "Settled already",
                )
            )
    return replace(shown, rows=first, questions=[])


def _unheard(spec: Spec) -> LineMaker:
    return LineMaker(rules_for(spec), lambda _product: None)


def _shown(spec: Spec, found: Forecast, sample: _Sample, *, partial: bool) -> Preview:
    stage, shares = found.stage, found.shares
    return Preview(
        lines=stage.intake.lines,
        rejected=stage.rejects.count + sum(found.refused.values()),
        repeated=stage.repeated,
        shares=_shares_of(found),
        tied=shares.tied / shares.changed if shares.changed else None,
        untied=shares.changed - shares.tied,
        columns=_columns_of(sample, stage.rejects.by_reason),
        rows=_rows_of(sample, found, creates=spec.create_partners),
        questions=questions_of(spec, dates=sample.dates, states=sample.states),
        dropped=sample.dropped,
        reasons=Counter(stage.rejects.by_reason) + Counter(found.refused),
        seconds=0.0,
        partial=partial,
        left_out=left_out_by(stage),
        headers=stage.intake.headers,
    )


def _sample_of(first: tuple[int, Input], spec: Spec, maker: LineMaker) -> _Sample:
    file_no, given = first
    with given.open(spec) as table:
        headings = {name: column_of(table, name) for name in table.index}
        sample = _Sample(headings, dropped_headings(table), maker, file_no)
        read = 0
        for chunk in table.chunks(500):
            for line, row in zip(chunk.lines, chunk.rows, strict=True):
                cells, is_whole = cells_of(table, row), not wrong_width(row, table.width)
                if any(row) and len(sample.rows) < ROWS:
                    sample.rows.append(_SampleRow(line, cells))
                if is_whole:
                    sample.dates.append(cells["date"].strip())
                    sample.states.append(cells.get("state", "").strip())
            read += len(chunk.rows)
            if read >= _SAMPLE:
                break
    return sample


def _shares_of(found: Forecast) -> list[Share]:
    shares, rejected = found.shares, found.stage.rejects.count + sum(found.refused.values())
    return [
        Share("new", say_of_orders("New {orders}"), shares.created, amount=shares.created_amount),
        Share("corrected", "Corrections", shares.corrected, amount=shares.corrected_amount),
        Share("reversed", "Reversals", shares.reversed, amount=shares.reversed_amount),
        Share("same", "Already here", found.unchanged, note="no change"),
        Share("rejected", "Rejected lines", rejected, note="kept for you to fix"),
    ]


def _names_shown(sample: _Sample) -> list[str]:
    """Return the columns to show: with many, names that stand beside a code are left out."""
    names = list(sample.headings)
    if len(names) <= _COLUMNS:
        return names
    return [name for name in names if name not in ("partner_name", "product_name", "currency")]


def _columns_of(sample: _Sample, reasons: Mapping[RejectReason, int]) -> list[Column]:
    return [
        Column(name, FIELDS[name], sample.headings[name], name in _NUMERIC, _warning(name, reasons))
        for name in _names_shown(sample)
    ]


def _warning(name: str, reasons: Mapping[RejectReason, int]) -> str:
    count = sum(n for reason, n in reasons.items() if reason.field == name)
    return f"{figure(count)} cells cannot be read" if count else ""


def _rows_of(sample: _Sample, found: Forecast, *, creates: bool) -> list[Row]:
    partner_ids = [fate.partner_id for fate in found.fates if fate.partner_id]
    with transaction.atomic():
        partners = dict(Partner.objects.filter(pk__in=partner_ids).values_list("pk", "name"))
    results = {
        fate.number: _words(fate, partners.get(fate.partner_id) if fate.partner_id else None, creates=creates)
        for fate in found.fates
    }
    rejected = {line.line_no: line for line in found.rejected}
    names = _names_shown(sample)
    rows = []
    for row, number in zip(sample.rows, sample.numbers, strict=True):
        result, kind, bad = *results.get(number, ("", "")), set[str]()
        if reject := rejected.get(row.line):
            # As the whole reading judged the line: a cell may stand in the row above, and an order may fail as a whole.
            result, kind = f"Rejected: {reject.message}", "bad"
            bad = {reject.field, *(name for name, _ in found.stage.maker.problems(row.cells))}
        cells = [Cell(row.cells.get(name, "")[:_SHOWN], name in _NUMERIC, name in bad) for name in names]
        rows.append(Row(row.line, cells, result, kind))
    return rows


def _words(fate: Fate, partner: str | None, *, creates: bool) -> tuple[str, str]:
    """Say what becomes of an order, and of which kind that is."""
    if fate.outcome == "unchanged":
        return "Already here, unchanged", ""
    if fate.outcome == "corrected":
        if fate.state == OrderState.CANCELLED:
            return say_of_orders("Cancels the {order} held"), ""
        return f"Corrects the {order_nouns()[0]} held, was {figure(fate.held_amount or 0, 2)}", ""
    first = "Cancellation" if fate.is_reversal or fate.state == OrderState.CANCELLED else "New"
    if partner:
        return f"{first}, {f'shared: {shown(fate.credits)}' if fate.credits else partner}", ""
    if fate.code and creates:
        return f"{first}, makes a partner for {fate.code}", ""
    return f"{first}, unattributed: {_why_unattributed(fate)}", "warn"


def _why_unattributed(fate: Fate) -> str:
    if fate.credits:
        return f"{fate.code}, who shares it, is nobody’s code"
    return "code unknown" if fate.code else "no code"
