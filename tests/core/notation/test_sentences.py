"""Numbers in sentences that Python makes stand in the reader's notation, as those in templates do.

To a German reader `4,042` is four and a bit.
"""

import re
from decimal import Decimal

import pytest

from prm.core.notation.reader import figure, notation, use_notation
from prm.tenancy.context import tenant_scope
from prm.tenancy.tasks import send_task, tenant_task
from tests.conftest import ROOT

GROUPED = re.compile(r"\{[^{}\n]*:,[.\df]*\}")
# Whoever types a command reads its words as they are documented; the sandbox org speaks as Salesforce does.
AS_THEY_ARE = ("management", "sandbox", "local", "migrations")
SEEN = []


@tenant_task(name="tests.write")
def write() -> None:
    SEEN.append((notation().key, figure(4042)))


@pytest.mark.parametrize(
    ("value", "places", "default", "german"),
    [
        (4042, None, "4,042", "4.042"),
        (-4042, None, "-4,042", "-4.042"),
        (0, None, "0", "0"),
        (Decimal("1234.50"), None, "1,234.50", "1.234,50"),
        (Decimal("-1234.5"), 2, "-1,234.50", "-1.234,50"),
        (Decimal("1E+6"), None, "1,000,000", "1.000.000"),
        (1.25, 1, "1.2", "1,2"),
    ],
)
def test_a_figure_is_written_as_the_reader_writes(value, places, default, german):
    assert figure(value, places) == default
    with use_notation("de"):
        assert figure(value, places) == german


def test_no_sentence_of_python_has_marks_of_its_own():
    found = [
        f"{file.relative_to(ROOT)}: {word}"
        for app in ("prm", "partners", "orders", "activities")
        for file in (ROOT / app).rglob("*.py")
        if not set(AS_THEY_ARE) & set(file.parts)
        for word in GROUPED.findall(file.read_text(encoding="utf-8"))
    ]
    # The default notation is made of Python's own.
    assert found == ["prm/core/notation/styles.py: {int(whole):,}"]


def test_a_task_writes_as_its_tenant_does(mercy, django_capture_on_commit_callbacks):
    SEEN.clear()
    mercy.tenant.notation = "de"
    mercy.tenant.save()
    with django_capture_on_commit_callbacks(execute=True), tenant_scope(mercy.tenant):
        send_task("tests.write")
    assert SEEN == [("de", "4.042")]
    assert notation().key == ""
