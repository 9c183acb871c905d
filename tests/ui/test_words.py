"""Pages speak of orders in the tenant's own word: no template writes "order" where a tenant may say referral."""

import re

import pytest

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
