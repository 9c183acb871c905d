"""From findings and a person's answers to the specification of a source."""

from collections.abc import Mapping, Sequence

from orders.proof.finding import Finding
from orders.proof.study import Study


def open_findings(findings: Sequence[Finding], answers: Mapping[str, str]) -> list[Finding]:
    """Return the findings that neither the file nor a person has decided."""
    return [finding for finding in findings if not reading_of(finding, answers)]


def reading_of(finding: Finding, answers: Mapping[str, str]) -> str:
    """Return the key of the reading that holds: a person's, or the file's; "" for none."""
    answer = answers.get(finding.key, "")
    return answer if answer in {reading.key for reading in finding.readings} else finding.chosen


def spec_from(
    found: Study, columns: Mapping[str, int], findings: Sequence[Finding], answers: Mapping[str, str]
) -> dict[str, object]:
    """Return the specification in JSON that findings and answers make; open ones add nothing."""
    spec: dict[str, object] = {}
    states: dict[str, object] = {}
    marks: dict[str, str] = {}
    for finding in findings:
        key = reading_of(finding, answers)
        for reading in finding.readings:
            if reading.key == key:
                changes = dict(reading.changes)
                states |= _table(changes.pop("states", {}))
                marks |= {name: str(mark) for name, mark in _table(changes.pop("decimal_marks", {})).items()}
                spec |= changes
    heading = {
        name: (found.columns[place].heading if found.header else place + 1) for name, place in columns.items()
    }
    return spec | {"columns": heading, "states": states} | _marks(marks)


def _table(value: object) -> dict[str, object]:
    return dict(value) if isinstance(value, dict) else {}


def _marks(marks: Mapping[str, str]) -> dict[str, object]:
    """Return the decimal mark of the source, and those of columns that have another."""
    if not marks:
        return {}
    # That of money is the source's.
    usual = marks.get("amount") or marks.get("unit_price") or next(iter(marks.values()))
    others = {name: mark for name, mark in marks.items() if mark != usual}
    return {"decimal_mark": usual} | ({"decimal_marks": others} if others else {})
