"""What a study decides and what it leaves open: readings with their evidence, and what each would change in a source.

A finding whose `chosen` is "" is a question. Nothing is chosen that another reading fits as well.
"""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Final

from orders.doors.files.layout import TOTAL_WORDS
from orders.doors.files.letters import NAMES
from orders.ingest.reading.numbers import OWN_SIGNS, currencies_of
from orders.proof.counts import Count
from orders.proof.date_findings import date_findings
from orders.proof.fields import likely_fields, state_of
from orders.proof.finding import Finding, Place, Reading
from orders.proof.number_tally import NumberTally
from orders.proof.study import Study
from orders.proof.tally import ColumnTally
from orders.sources.spec import DELIMITERS, FIELDS
from orders.states import OrderState
from prm.core.money import ISO_4217
from prm.core.notation.reader import figure
from prm.ui.formatting import plural

NUMERIC: Final = ("quantity", "unit_price", "amount")
_MARKS: Final = {".": ("point", "Decimal point, 1,234.56"), ",": ("comma", "Decimal comma, 1.234,56")}
_MOST_STATES: Final = 12
_MOST_CURRENCIES: Final = 8


def findings_of(found: Study, columns: Mapping[str, int], place: Place) -> list[Finding]:
    """Return all findings: of the file, then of each column that has a field."""
    findings = file_findings(found)
    for name in FIELDS:
        if name in columns:
            findings += _of_field(found, name, found.columns[columns[name]], place)
    if "currency" not in columns:
        findings.append(_currency_of_amounts(found, columns, place))
    return findings


def _of_field(found: Study, name: str, tally: ColumnTally, place: Place) -> list[Finding]:
    if name == "date":
        return date_findings(tally, place)
    if name in NUMERIC:
        return [number_finding(name, tally, is_workbook=found.letters is None)]
    if name == "state":
        return state_findings(tally)
    if name == "currency":
        return _currency_column(tally, place)
    return [_text_finding(found, name, tally)]


# --- the file -------------------------------------------------------------------------------------------


def file_findings(found: Study) -> list[Finding]:
    """Return what holds for the whole file: letters, separator, headings."""
    return [*_letters(found), *_layout(found), _headings(found)]


def _letters(found: Study) -> list[Finding]:
    if found.letters is None:
        return []
    letters = found.letters
    readings = [
        Reading(
            entry.encoding,
            NAMES.get(entry.encoding, entry.encoding),
            ", ".join(entry.words) if entry.words else "",
            {"encoding": entry.encoding},
        )
        for entry in letters.readings
    ]
    chosen = letters.encoding if letters.is_certain else ""
    leaning = "" if letters.is_certain else letters.encoding
    return [Finding("encoding", "Letters", "", letters.evidence, readings, chosen, leaning)]


def _layout(found: Study) -> list[Finding]:
    if found.layout is None:
        return []
    if found.layout.starts:
        places = ", ".join(map(str, found.layout.starts))
        evidence = _widths(found, "Columns of fixed width")
        wide: dict[str, object] = {"starts": list(found.layout.starts)}
        reading = Reading("found", "Fixed width", f"they begin in {places}", wide)
        return [Finding("delimiter", "Cells", "", evidence, [reading], "found")]
    mark = found.layout.delimiter
    word = next((name for name, sign in DELIMITERS.items() if sign == mark), mark)
    quote = "quotes written twice" if not found.layout.escape else "quotes after a backslash"
    changes: dict[str, object] = {
        "delimiter": mark,
        "quote": found.layout.quote,
        "escape": found.layout.escape,
    }
    evidence = _widths(found, f"{word.capitalize()} between cells")
    if found.layout.escape or found.layout.quote != '"':
        evidence += f"; cells in {found.layout.quote}, {quote}"
    return [
        Finding(
            "delimiter", "Cells", "", evidence, [Reading("found", word.capitalize(), "", changes)], "found"
        )
    ]


def _widths(found: Study, what: str) -> str:
    total = found.lines + found.odd.count + found.torn.count
    if found.lines == total:
        return f"{what} in all {figure(total)} lines"
    first = min(count.line for count in (found.odd, found.torn) if count.count)
    return f"{what} in {figure(found.lines)} of {figure(total)} lines; line {figure(first)} is the first that has another number of cells"


def _headings(found: Study) -> Finding:
    changes: dict[str, object] = {"header": bool(found.header)}
    evidence = (
        f"Headings in line {figure(found.header_line)}"
        if found.header
        else "No headings: data from the first line"
    )
    left_out = []
    if found.header and found.titles:
        left_out.append(plural(found.titles, "title line"))
    if found.totals:
        changes["totals"] = sorted({_total_word(row.cells) for row in found.totals})
        left_out.append(plural(found.totals_count, "line") + " of totals")
    if left_out:
        evidence += f"; {' and '.join(left_out)} left out"
    lines = [(row.line, " ".join(cell for cell in row.cells if cell)) for row in found.totals[:2]]
    return Finding(
        "header", "Headings", "", evidence, [Reading("found", "As found", "", changes)], "found", lines=lines
    )


def _total_word(cells: Sequence[str]) -> str:
    first = next(cell.strip() for cell in cells if cell.strip()).casefold()
    return max((word for word in TOTAL_WORDS if first.startswith(word)), key=len)


# --- texts ----------------------------------------------------------------------------------------------


def _text_finding(found: Study, name: str, tally: ColumnTally) -> Finding:
    different = f"{'at least ' if tally.different >= 200_000 else ''}{figure(tally.different)}"
    if name == "number":
        several = ": several lines make one order" if tally.different < tally.filled else ", each once"
        evidence = f"{plural(found.lines, 'line')}, {different} numbers{several}"
    else:
        evidence = f"{different} different in {plural(tally.filled, 'line')}"
    if tally.blank:
        evidence += f"; {figure(tally.blank)} blank"
    label = "As it is"
    if tally.zeros:
        label, evidence = "As it is, zeros kept", f"{evidence}; {figure(tally.zeros)} begin with a zero"
    return Finding(name, FIELDS[name], tally.heading, evidence, [Reading("text", label, "", {})], "text")


# --- numbers --------------------------------------------------------------------------------------------


def number_finding(name: str, tally: ColumnTally, *, is_workbook: bool = False) -> Finding:
    """Return how the numbers of a column are read."""
    numbers = tally.numbers
    readings = [_number_reading(name, numbers, mark) for mark in _MARKS if numbers.fits(mark)]
    here = (name, FIELDS[name], tally.heading)
    if not readings:
        return Finding(*here, "No cell can be read as a number. Take another column", [], "")
    if is_workbook and not numbers.comma.count:
        return Finding(
            *here,
            f"{figure(numbers.fits('.'))} numbers of the workbook: they need no mark",
            readings[:1],
            "point",
        )
    evidence, chosen = _number_evidence(numbers)
    if tally.blank:
        evidence += f"; {figure(tally.blank)} blank"
    if numbers.neither.count:
        evidence += f"; {figure(numbers.neither.count)} are no numbers, first “{numbers.neither.text}” in line {figure(numbers.neither.line)}"
    lines = [
        (count.line, count.text) for count in (numbers.point, numbers.comma, numbers.either) if count.count
    ]
    return Finding(*here, evidence, readings, chosen, lines=lines)


def _number_evidence(numbers: NumberTally) -> tuple[str, str]:
    """Return the sentence and the reading that the column decides, "" for none."""
    if numbers.comma.count and numbers.point.count:
        return (
            f"{figure(numbers.point.count)} fit only a decimal point, {figure(numbers.comma.count)} only a decimal comma: line"
            f" {figure(numbers.point.line)} and line {figure(numbers.comma.line)}",
            "",
        )
    if numbers.comma.count:
        return f"{figure(numbers.comma.count)} fit only a decimal comma, none only a point", "comma"
    if numbers.point.count:
        return f"{figure(numbers.point.count)} fit only a decimal point, none only a comma", "point"
    if numbers.either.count:
        return (
            f"{figure(numbers.either.count)} of {figure(numbers.total)} have one mark before three digits, such as"
            f" {numbers.either.text}; the form alone cannot decide",
            "",
        )
    return f"All {figure(numbers.same.count)} are read alike with point and comma", "any"


def _number_reading(name: str, numbers: NumberTally, mark: str) -> Reading:
    key, label = _MARKS[mark]
    if not (numbers.comma.count or numbers.point.count or numbers.either.count):
        return Reading("any", "Whole numbers", f"they sum to {_sum(numbers, '.')}", {})
    note = f"reads {figure(numbers.fits(mark))} of {figure(numbers.total)}; they sum to {_sum(numbers, mark)}"
    return Reading(key, label, note, {"decimal_marks": {name: mark}})


def _sum(numbers: NumberTally, mark: str) -> str:
    total = Decimal(numbers.sums[mark])
    return figure(total, 0 if total == total.to_integral_value() else 2)


# --- states and currencies ------------------------------------------------------------------------------


def state_findings(tally: ColumnTally) -> list[Finding]:
    """Return what each word of a column of states means, and a blank cell."""
    here = (FIELDS["state"], tally.heading)
    if tally.has_many:
        text = f"{figure(tally.different)} different words: this is no column of states. Take another column"
        return [Finding("state", *here, text, [], "")]
    words = sorted(tally.words.items(), key=lambda item: -item[1].count)
    findings = [_word_finding(here, word, count) for word, count in words[:_MOST_STATES]]
    if tally.blank_first:
        evidence = f"{plural(tally.blank_first, 'order')} {'has' if tally.blank_first == 1 else 'have'} no state in the first line"
        findings.append(Finding("state:", here[0] + ", blank", here[1], evidence, _state_readings(""), ""))
    elif tally.blank:
        evidence = (
            f"{figure(tally.blank)} blank cells stand below the first line of their order: they mean as above"
        )
        findings.append(
            Finding(
                "blank_state",
                here[0] + ", blank",
                here[1],
                evidence,
                [Reading("above", "As above", "", {})],
                "above",
            )
        )
    return findings


def _word_finding(here: tuple[str, str], word: str, count: Count) -> Finding:
    meant = state_of(word)
    evidence = f"“{word}” on {plural(count.count, 'line')}" + (
        "" if meant else "; no list of ours has the word"
    )
    return Finding(
        f"state:{word.lower()}",
        f"{here[0]}, {word}",
        here[1],
        evidence,
        _state_readings(word),
        meant,
        lines=[(count.line, word)],
    )


def _state_readings(word: str) -> list[Reading]:
    return [
        Reading(state.value, str(state.label), "", {"states": {word.lower(): state.value}})
        for state in OrderState
    ]


def _currency_column(tally: ColumnTally, place: Place) -> list[Finding]:
    """Return what the column says line by line, and a question where orders name no currency at all."""
    known: dict[str, int] = {}
    for word, count in tally.words.items():
        if code := OWN_SIGNS.get(word, word.upper() if word.upper() in ISO_4217 else ""):
            known[code] = known.get(code, 0) + count.count
    listed = ", ".join(f"{word} {figure(count)}" for word, count in list(known.items())[:6])
    other = [word for word in tally.words if word.upper() not in ISO_4217 and word not in OWN_SIGNS]
    evidence = listed or f"{figure(tally.different)} different words"
    if other:
        evidence += f"; {', '.join(other[:4])} names no one currency: those lines are rejected"
    here = (FIELDS["currency"], tally.heading)
    by_line = [Reading("column", "By line", "", {})]
    findings = [Finding("currency", *here, evidence, by_line, "column")]
    if tally.blank_first:
        evidence = f"{plural(tally.blank_first, 'order')} {'names' if tally.blank_first == 1 else 'name'} none in the first line"
        codes = list(dict.fromkeys([*list(known)[:6], place.currency]))
        readings = [Reading(code, code, "", {"currency": code}) for code in codes]
        readings.append(Reading("none", "None: those lines are rejected", "", {}))
        findings.append(Finding("currency:", f"{here[0]}, blank", here[1], evidence, readings, ""))
    return findings


def _currency_of_amounts(found: Study, columns: Mapping[str, int], place: Place) -> Finding:
    """Return the currency that the amounts themselves name, or the tenant's when nothing names one.

    A sign of several currencies (`$`) is the tenant's where it can be. Amounts that name different ones, or mostly none,
    are asked about.
    """
    named: dict[str, int] = {}
    total = 0
    for name in ("unit_price", "amount"):
        if name in columns:
            numbers = found.columns[columns[name]].numbers
            total += numbers.total
            for sign, count in numbers.currencies.items():
                named[sign] = named.get(sign, 0) + count
    here = ("currency", FIELDS["currency"], "")
    if not named:
        evidence = f"No column names one; yours is {place.currency}"
        return Finding(
            *here, evidence, [Reading(place.currency, place.currency, "", {"currency": ""})], place.currency
        )
    possible = [currencies_of(sign) for sign in named]
    common = [code for code in possible[0] if all(code in codes for codes in possible)]
    offered = list(dict.fromkeys([*common, *(code for codes in possible for code in codes)]))[
        :_MOST_CURRENCIES
    ]
    if place.currency not in offered:
        offered.append(place.currency)
    said = [
        f"{plural(count, 'amount')} {'has' if count == 1 else 'have'} {sign}" for sign, count in named.items()
    ]
    none = total - sum(named.values())
    evidence = ", ".join(said) + (f"; {figure(none)} name nothing" if none else "")
    if not common:
        evidence += "; a source without a column of currencies has one, and amounts of others are rejected"
    readings = [Reading(code, code, _fits_sign(code, named), {"currency": code}) for code in offered]
    chosen = _currency_chosen(common, place, is_most=none * 10 <= total)
    leaning = common[0] if len(common) == 1 and not chosen else ""
    return Finding(*here, evidence, readings, chosen, leaning)


def _fits_sign(code: str, named: Mapping[str, int]) -> str:
    fits = sum(count for sign, count in named.items() if code in currencies_of(sign))
    return f"fits {plural(fits, 'amount')} that {'names' if fits == 1 else 'name'} one"


def _currency_chosen(common: Sequence[str], place: Place, *, is_most: bool) -> str:
    if place.currency in common:
        return place.currency
    return common[0] if len(common) == 1 and is_most else ""


# --- which column ---------------------------------------------------------------------------------------


def likely_columns(found: Study, *, partners: Sequence[str] = ()) -> dict[str, int]:
    """Return by field the column whose heading names it and whose cells can be it; each column once.

    `partners` are the tenant's own words for a partner: a column of that name says whose an order is.
    """
    columns: dict[str, int] = {}
    candidates = likely_fields([tally.heading for tally in found.columns], {"code": partners})
    for name in FIELDS:
        for place in candidates.get(name, []):
            if place not in columns.values() and can_hold(found.columns[place], name):
                columns[name] = place
                break
    # A name alone makes no product; its column still tells lines apart.
    if "product_code" not in columns:
        columns.pop("product_name", None)
    return columns


def can_hold(tally: ColumnTally, name: str) -> bool:
    """Return whether the cells of a column can be those of a field."""
    if not tally.filled:
        return False
    if name == "date":
        return tally.dates.is_date or tally.dates.serial.count * 2 > tally.filled
    if name in NUMERIC:
        return tally.numbers.is_number
    if name in ("state", "currency"):
        return not tally.has_many
    return True


def missing_of(columns: Mapping[str, int]) -> list[str]:
    """Return in words what a source cannot do without and no column was found for."""
    missing = [FIELDS[name] for name in ("number", "date") if name not in columns]
    if "amount" not in columns and "unit_price" not in columns:
        missing.append("Amount or unit price")
    if "product_name" in columns and "product_code" not in columns:
        missing.append("Product or service code, as there is a name")
    return missing
