"""Random filters select what the same filter in Python selects."""

import operator

from hypothesis import given, settings
from hypothesis import strategies as st

from prm.sandbox.org import SandboxOrg
from prm.sandbox.soql.models import Combine, Compare, Literal, Negate

from .trees import condition_text, quoted

WORDS = ("Alpha", "ALPHA", "beta", "b%", "b_ta", "O'Neil", "")
NUMBERS = (-1, 0, 1, 2.5, 100)
ROWS = [
    {"Name": f"row {number}", "Site": site or None, "AnnualRevenue": revenue}
    for number, (site, revenue) in enumerate(
        (site, revenue) for site in WORDS for revenue in (*NUMBERS, None)
    )
]
ORDERS = {"<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge}
FIELDS = {"Site": WORDS, "AnnualRevenue": NUMBERS}


def literal(value):
    if value is None:
        return Literal("word", "null")
    return Literal("string", quoted(value)) if isinstance(value, str) else Literal("number", str(value))


@st.composite
def comparisons(draw):
    """A condition, with the values it compares as Python has them."""
    path = draw(st.sampled_from(sorted(FIELDS)))
    values = st.sampled_from([*FIELDS[path], None])
    if draw(st.booleans()):
        some = draw(st.lists(values, min_size=1, max_size=3))
        name = draw(st.sampled_from(["IN", "NOT IN"]))
        return Compare(path, name, tuple(literal(value) for value in some))
    name = draw(st.sampled_from(["=", "!=", *ORDERS]))
    return Compare(path, name, (literal(draw(values if name in ("=", "!=") else values.filter(bool))),))


def combined(conditions):
    several = st.lists(conditions, min_size=2, max_size=3).map(tuple)
    return st.builds(Negate, conditions) | st.builds(Combine, st.sampled_from(["AND", "OR"]), several)


def plain(written):
    """The value a literal means: texts without case, an empty one is none."""
    if written.kind == "word":
        return None
    if written.kind == "number":
        return float(written.text)
    return written.text[1:-1].replace("\\'", "'").lower() or None


def holds(condition, row):
    """Whether the condition is true of a row: there is no third answer beside yes and no."""
    if isinstance(condition, Negate):
        return not holds(condition.inner, row)
    if isinstance(condition, Combine):
        return (all if condition.joiner == "AND" else any)(holds(part, row) for part in condition.parts)
    stored = row[condition.path]
    stored = stored.lower() if isinstance(stored, str) else stored
    values = [plain(each) for each in condition.values]
    if condition.operator in ORDERS:
        return stored is not None and ORDERS[condition.operator](stored, values[0])
    return (stored in values) == (condition.operator in ("=", "IN"))


ORG = SandboxOrg()
for each in ROWS:
    ORG.seed.row("Account", **each)


@settings(deadline=None, max_examples=200)
@given(st.recursive(comparisons(), combined, max_leaves=5))
def test_a_filter_selects_what_it_says(condition):
    soql = f"SELECT Name FROM Account WHERE {condition_text(condition)}"
    records = ORG.queries.run(ORG.integration, soql, base="")["records"]
    assert {record["Name"] for record in records} == {row["Name"] for row in ROWS if holds(condition, row)}


@settings(deadline=None, max_examples=100)
@given(st.text("abA%_", max_size=5))
def test_like_knows_two_wildcards(pattern):
    soql = f"SELECT Name FROM Account WHERE Site LIKE '{pattern}'"
    records = ORG.queries.run(ORG.integration, soql, base="")["records"]
    wanted = {row["Name"] for row in ROWS if row["Site"] and like(row["Site"].lower(), pattern.lower())}
    assert {record["Name"] for record in records} == wanted


def like(text, pattern):
    """LIKE, letter by letter."""
    if not pattern:
        return not text
    if pattern[0] == "%":
        return like(text, pattern[1:]) or (bool(text) and like(text[1:], pattern))
    return bool(text) and pattern[0] in ("_", text[0]) and like(text[1:], pattern[1:])
