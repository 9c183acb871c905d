"""What a file would do, found out by doing everything but writing.

The file goes through reading, staging and comparing like an import; the result is read from the
temporary tables, and nothing is written. Large files are judged by their first lines.
"""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from itertools import islice
from pathlib import Path
from typing import Any, Final

from django.db import connection, transaction

from orders.book.states import OrderState
from orders.doors.files.reader import Table
from orders.ingest.intake import Cells, Intake
from orders.ingest.merge import Merge
from orders.ingest.rules import unescape
from orders.ingest.stage import staging
from orders.runs.run import InputFile, rules_for
from orders.sources.models import OrderSource
from orders.sources.spec import FIELDS, Spec
from partners.directory.models import Partner

# Lines read for a preview, and rows shown of them.
MOST_LINES: Final = 50_000
ROWS: Final = 9
_DATES: Final = 5_000
_COLUMNS: Final = 7


@dataclass(frozen=True, slots=True)
class Column:
    """A mapped column: our words, the file's heading, and whether it needs a look."""

    field: str
    label: str
    heading: str
    is_number: bool
    warning: str = ""


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell as written."""

    text: str
    is_number: bool
    is_bad: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """One of the first rows: cells as read, and what will become of it. kind: "", warn or bad."""

    line: int
    cells: list[Cell]
    result: str
    kind: str = ""


@dataclass(frozen=True, slots=True)
class Question:
    """Something that may be read in two ways; ``choices`` are (label, changes to the spec)."""

    title: str
    text: str
    icon: str
    choices: list[tuple[str, dict[str, Any]]]


@dataclass(frozen=True, slots=True)
class Share:
    """One part of the outcome: orders (or lines) and money."""

    key: str
    label: str
    count: int
    note: str = ""
    amount: Decimal | None = None


@dataclass(slots=True)
class Preview:
    """Everything the preview page shows. ``partial``: only the first lines were read."""

    lines: int = 0
    rejected: int = 0
    repeated: int = 0
    shares: list[Share] = field(default_factory=list)
    tied: float | None = None
    untied: int = 0
    columns: list[Column] = field(default_factory=list)
    rows: list[Row] = field(default_factory=list)
    questions: list[Question] = field(default_factory=list)
    dropped: list[str] = field(default_factory=list)
    reasons: Mapping[str, int] = field(default_factory=dict)
    seconds: float = 0.0
    partial: bool = False

    @property
    def importable(self) -> int:
        """Lines that would go in or are there already."""
        return self.lines - self.rejected


def preview(source: OrderSource, files: list[InputFile]) -> Preview:
    """See the module's docstring. Raises :class:`~orders.ingest.errors.BrokenFile`."""
    started = time.monotonic()
    found = Preview()
    rules = rules_for(source.rules)
    with transaction.atomic():
        with staging(rules) as stage:
            for place, file in enumerate(files, start=1):
                with Table(file.path, rules.spec, name=file.name) as table:
                    stage.intake.feed(table, place, at_most=MOST_LINES - stage.intake.lines)
                    if place == 1:
                        found.dropped = table.dropped
                if stage.intake.lines >= MOST_LINES:
                    found.partial = True
                    break
        merge = Merge(source)
        merge.compare()
        merge.match_codes()
        merge.sum_up()
        merge.attribute()
        found.lines, found.rejected = stage.intake.lines, stage.intake.rejected
        found.repeated, found.reasons = stage.repeated, stage.intake.by_reason
        _outcome(found, will_create=rules.spec.create_partners)
        _first_rows(found, files[0], source, stage.intake)
    _ask(found, files[0].path, files[0].name, source.rules)
    found.seconds = round(time.monotonic() - started, 1)
    return found


def _outcome(found: Preview, *, will_create: bool) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT count(*) FILTER (WHERE c.outcome = 'created' AND NOT back),
                   sum(c.amount) FILTER (WHERE c.outcome = 'created' AND NOT back),
                   count(*) FILTER (WHERE c.outcome = 'corrected' AND NOT back),
                   sum(c.amount - coalesce(o.held_amount, 0)) FILTER (WHERE c.outcome = 'corrected' AND NOT back),
                   count(*) FILTER (WHERE back), sum(c.amount) FILTER (WHERE back),
                   count(*) FILTER (WHERE c.partner_id IS NOT NULL OR (%s AND c.code <> '')), count(*)
            FROM pg_temp.prm_change c JOIN pg_temp.prm_order o USING (block)
            CROSS JOIN LATERAL (SELECT c.is_reversal OR c.state = 'cancelled' OR c.amount < 0) b (back)
            """,
            [will_create],
        )
        new, new_sum, fixed, fixed_sum, back, back_sum, tied, changed = cursor.fetchone()
        cursor.execute("SELECT count(*) FROM pg_temp.prm_order WHERE outcome = 'unchanged'")
        same = cursor.fetchone()[0]
    found.shares = [
        Share("new", "New orders", new, amount=new_sum),
        Share("corrected", "Corrections", fixed, amount=fixed_sum),
        Share("reversed", "Reversals", back, amount=back_sum),
        Share("same", "Already here", same, note="no change"),
        Share("rejected", "Rejected lines", found.rejected, note="kept for you to fix"),
    ]
    found.tied = tied / changed if changed else None
    found.untied = changed - tied


def _first_rows(found: Preview, file: InputFile, source: OrderSource, intake: Intake) -> None:
    spec = source.rules
    with Table(file.path, spec, name=file.name) as table:
        names = _shown(list(table.index))
        rows, numbers = next(table.chunks(ROWS * 3), ([], []))
        shown = [(line, row) for line, row in zip(numbers, rows, strict=True) if any(row)][:ROWS]
        headings = {
            name: table.header[place] if table.header else f"column {place + 1}"
            for name, place in table.index.items()
        }
        cells = [
            (
                line,
                {name: row[place] for name, place in table.index.items() if place < len(row)},
                len(row) == table.width,
            )
            for line, row in shown
        ]
    found.columns = [
        Column(name, FIELDS[name], headings[name], name in _NUMERIC, _warning(name, found.reasons))
        for name in names
    ]
    results = _results(cells, intake)
    for line, own, whole in cells:
        bad = dict(intake.problems(own))
        text, kind = results.get(own.get("number", "").strip(), ("", ""))
        if not whole:
            text, kind = "Rejected: wrong number of columns", "bad"
        elif bad:
            text, kind = f"Rejected: {next(iter(bad.values())).message}", "bad"
        listed = [Cell(own.get(name, ""), name in _NUMERIC, name in bad) for name in names]
        found.rows.append(Row(line, listed, text, kind))


def _shown(names: list[str]) -> list[str]:
    """The columns to show: with many, names that stand beside a code are left out."""
    if len(names) <= _COLUMNS:
        return names
    return [name for name in names if name not in ("partner_name", "product_name", "currency")]


_NUMERIC = ("quantity", "unit_price", "amount")
_FIELD_OF_REASON = {
    "date_unreadable": "date",
    "date_out_of_range": "date",
    "date_missing": "date",
    "unknown_state": "state",
    "unknown_currency": "currency",
    "foreign_currency": "currency",
    "number_missing": "number",
    "two_codes": "code",
    "code_too_long": "code",
}


def _warning(name: str, reasons: Mapping[str, int]) -> str:
    count = sum(n for reason, n in reasons.items() if _FIELD_OF_REASON.get(reason) == name)
    return f"{count:,} cells cannot be read" if count else ""


def _results(cells: list[tuple[int, Cells, bool]], intake: Intake) -> dict[str, tuple[str, str]]:
    """What becomes of each order among the first rows, by its number as written."""
    numbers = [own.get("number", "").strip() for _, own, _ in cells]
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT o.number, o.outcome, o.held_amount, coalesce(c.code, o.code), c.amount, c.state,
                   coalesce(c.is_reversal OR c.amount < 0, false), c.partner_id
            FROM pg_temp.prm_order o LEFT JOIN pg_temp.prm_change c USING (block)
            WHERE o.number = ANY(%s)
            """,
            [numbers],
        )
        rows = cursor.fetchall()
    names = dict(Partner.objects.filter(pk__in=[row[-1] for row in rows]).values_list("pk", "name"))
    creates = intake.rules.spec.create_partners
    return {unescape(row[0]): _words(*row[1:-1], names.get(row[-1]), creates=creates) for row in rows}


def _words(
    outcome: str, held: Decimal | None, code: str, amount: Decimal | None, state: str | None,
    back: bool, partner: str | None, *, creates: bool,
) -> tuple[str, str]:  # fmt: skip
    if outcome == "unchanged":
        return "Already here, unchanged", ""
    if outcome == "corrected":
        if state == OrderState.CANCELLED:
            return "Cancels the order held", ""
        return f"Corrects the order held, was {held:,.2f}", ""
    first = "Cancellation" if back or state == OrderState.CANCELLED else "New"
    if partner:
        return f"{first}, {partner}", ""
    if code and creates:
        return f"{first}, makes a partner for {code}", ""
    return f"{first}, unattributed: {'code unknown' if code else 'no code'}", "warn"


def _ask(found: Preview, path: Path, name: str, spec: Spec) -> None:
    with Table(path, spec, name=name) as table:
        rows = islice((row for chunk, _ in table.chunks(500) for row in chunk), _DATES)
        kept = [row for row in rows if len(row) == table.width]
        dates = [row[table.index["date"]].strip() for row in kept]
        states = [row[table.index["state"]].strip() for row in kept] if "state" in table.index else []
    question = date_question(spec, [text for text in dates if text])
    if question is not None:
        found.questions.append(question)
    found.questions.extend(state_questions(spec, states))


_SWAPPED = {"%d": "%m", "%m": "%d"}
_ORDERS = {"%d": "day first", "%m": "month first"}


def date_question(spec: Spec, dates: list[str]) -> Question | None:
    """Whether day and month could be the other way round; ``None`` when the format leaves no doubt."""
    written = spec.date_formats[0]
    if "%m" not in written or "%d" not in written or written.index("%Y" if "%Y" in written else "%y") == 0:
        return None
    other = "".join(_SWAPPED.get(part, part) for part in _split(written))
    ours = [_fits(text, written) for text in dates]
    theirs = [_fits(text, other) for text in dates]
    both = sum(a and b for a, b in zip(ours, theirs, strict=True))
    only_ours = sum(ours) - both
    only_theirs = sum(theirs) - both
    if not both and not only_theirs:
        return None
    first = "%d" if written.index("%d") < written.index("%m") else "%m"
    now, then = _ORDERS[first], _ORDERS[_SWAPPED[first]]
    neither = len(dates) - both - only_ours - only_theirs
    text = (
        f"{both:,} of {len(dates):,} dates fit both ways; {only_ours:,} fit only {now}, {only_theirs:,} only"
        f" {then}, {neither:,} neither."
    )
    rest = [other if pattern == written else pattern for pattern in spec.date_formats]
    return Question(
        f"Dates are read {now}.", text, "calendar-question", [(then.capitalize(), {"date_formats": rest})]
    )


def _split(pattern: str) -> list[str]:
    parts, place = [], 0
    while place < len(pattern):
        step = 2 if pattern[place] == "%" else 1
        parts.append(pattern[place : place + step])
        place += step
    return parts


def _fits(text: str, pattern: str) -> bool:
    try:
        datetime.strptime(text, pattern)  # noqa: DTZ007  (only whether it can be read)
    except ValueError:
        return False
    return True


def state_questions(spec: Spec, states: list[str]) -> list[Question]:
    """One question per state that the source does not know yet, at most four."""
    known = {*spec.states, *OrderState.values, ""}
    new: dict[str, int] = {}
    for state in states:
        if state.lower() not in known:
            new[state] = new.get(state, 0) + 1
    return [
        Question(
            f"State “{state[:40]}” is new in this source.",
            f"{count:,} of the rows read have it; they are rejected until you say what it means.",
            "help-hexagon",
            [
                (f"Read as {word.label.lower()}", {"states": {**spec.states, state.lower(): word.value}})
                for word in OrderState
            ],
        )
        for state, count in sorted(new.items(), key=lambda item: -item[1])[:4]
    ]
