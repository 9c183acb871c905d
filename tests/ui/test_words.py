"""Pages speak of orders in the tenant's own word: no template, and no sentence of Python, writes "order" itself."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from prm.tenancy.context import said_of_orders, tenant_scope
from prm.tenancy.models import Tenant
from tests.conftest import ROOT

TEMPLATES = ROOT / "templates"
COMMENT = re.compile(r"\{%\s*comment.*?endcomment\s*%\}|\{#.*?#\}", re.DOTALL)
# Words that a tag is given are read out as well: titles of notices, labels of buttons, charts and exports.
SAID = re.compile(
    r'(?:title|label|action_label|hint|aria-label|placeholder|alt|data-unit)="([^"]*)"|\{% (?:exports|blank_state|expander) "([^"]*)"'
)
TAG = re.compile(r"\{[{%].*?[%}]\}", re.DOTALL)
WORD = re.compile(r"[^.\n]*\b[Oo]rders?\b[^.\n]*")

# What is called so whatever the tenant's word: the number that a system gives, and the system's own paper.
TERMS = re.compile(r"\border numbers?\b|\bwhat an order says once\b", re.IGNORECASE)


def sentences(text: str) -> list[str]:
    """What a template says itself, without what its tags and variables will say."""
    text = COMMENT.sub("", text)
    said = [TAG.sub(" ", one or other) for one, other in SAID.findall(text)]
    plain = re.sub(r"<[^>]*>", " ", TAG.sub(" ", text))
    found = [" ".join(m.group().split()) for part in (plain, *said) for m in WORD.finditer(part)]
    return [one for one in found if WORD.search(TERMS.sub("", one))]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("<p>No orders yet.</p>", ["No orders yet"]),
        ("<p>No {{ tenant.order_noun_plural }} yet.</p>", []),
        ('<td data-unit="orders">{{ n }}</td>', ["orders"]),
        ('{% blank_state icon="x" title="No orders yet" %}', ["No orders yet"]),
        ("{% comment %}The orders of a day.{% endcomment %}", []),
        ("<p>Name, order number</p>", []),
        ("<a href=\"{% tenant_url 'orders:list' %}\">All</a>", []),
    ],
)
def test_the_search_sees_what_people_read_and_nothing_else(text, found):
    assert sentences(text) == found


def test_no_template_says_order_in_its_own_words():
    said = [
        f"{file.relative_to(TEMPLATES)}: {one}"
        for file in sorted(TEMPLATES.rglob("*.html"))
        for one in sentences(file.read_text(encoding="utf-8"))
    ]
    assert said == []


# --- sentences made in Python -------------------------------------------------------------------

# Commands are for operators, documents of the API for programs; what `states` spell stands in migrations, and what is
# declared for tables stands in none of the pages. The app of orders is told by its sources: "order number", "order header".
PACKAGES = ("partners", "activities")
NOT_READ = {
    "migrations",
    "management",
    "campaigns",
    "market",
    "demo.py",
    "models.py",
    "states.py",
    "serializers.py",
}
NOT_READ |= {"api.py", "partner_tables.py", "sql.py"}
# Keys and parts of addresses have no blank and no capital; statements of the database are no sentences.
KEY = re.compile(r"[^A-Z\s]*")
SQL = re.compile(r"\b(?:SELECT|UPDATE|INSERT|DELETE|GROUP BY|ORDER BY)\b")
# A name of a component of the score, as companies know it from its documents; a lock, which nobody reads.
NAMED = {"Orders trend", "order watch"}
OWN = re.compile(r"\{[Oo]rders?\}")


def python_sentences(source: str) -> list[str]:
    """What Python says of orders in its own word: texts that are neither documentation, nor keys, nor statements."""
    tree = ast.parse(source)
    silent = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    return [
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and id(node) not in silent
        and WORD.search(TERMS.sub("", OWN.sub("", node.value)))
        and not KEY.fullmatch(node.value)
        and not SQL.search(node.value)
        and node.value not in NAMED
    ]


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ('say("No orders yet.")', ["No orders yet."]),
        ('say(f"{n} orders since")', [" orders since"]),
        ('"""The orders of a day."""', []),
        ('label = said_of_orders("Last {order}")', []),
        ('label = said_of_orders("Last {order} of an order")', ["Last {order} of an order"]),
        ('rows.values("orders")', []),
        ('sql = "SELECT orders FROM x ORDER BY 1"', []),
        ('hint = "The order number"', []),
    ],
)
def test_the_search_sees_what_python_says_and_nothing_else(source, found):
    assert python_sentences(source) == found


def _read() -> Iterator[Path]:
    for package in PACKAGES:
        files = sorted((ROOT / package).rglob("*.py"))
        yield from (file for file in files if not NOT_READ & {*file.relative_to(ROOT).parts})


def test_no_sentence_made_in_python_says_order_in_its_own_words():
    said = [
        f"{file.relative_to(ROOT)}: {one}"
        for file in _read()
        for one in python_sentences(file.read_text(encoding="utf-8"))
    ]
    assert said == []


def test_labels_made_once_are_said_in_the_word_of_whoever_reads(mercy, anchor):
    label = said_of_orders("Last {order} of {Orders}")
    assert label == "Last order of Orders"
    Tenant.objects.filter(pk=mercy.tenant.pk).update(order_noun="referral", order_noun_plural="referrals")
    mercy.tenant.refresh_from_db()
    with tenant_scope(mercy.tenant):
        assert f"{label}" == "Last referral of Referrals"
    with tenant_scope(anchor.tenant):
        assert f"{label}" == "Last order of Orders"
