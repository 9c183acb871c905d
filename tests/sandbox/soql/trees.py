"""Random queries, and their text."""

from hypothesis import strategies as st

from prm.sandbox.soql.models import Combine, Compare, Item, Literal, Negate, Order, Query

KEYWORDS = {
    "select", "from", "where", "group", "by", "order", "limit", "offset", "and", "or", "not", "in", "asc", "desc",
    "nulls", "first", "last", "like", "includes", "excludes",
}  # fmt: skip
NAMES = st.from_regex(r"[A-Za-z_][A-Za-z0-9_]{0,8}", fullmatch=True).filter(
    lambda name: name.lower() not in KEYWORDS
)
PATHS = st.lists(NAMES, min_size=1, max_size=3).map(".".join)
COUNTS = st.integers(0, 2000)


def quoted(text):
    """A SOQL string literal, as a careful client writes it."""
    for plain, written in (("\\", "\\\\"), ("'", "\\'"), ("\n", "\\n"), ("\r", "\\r")):
        text = text.replace(plain, written)
    return f"'{text}'"


LITERALS = st.one_of(
    st.builds(Literal, st.just("string"), st.text(max_size=10).map(quoted)),
    st.builds(Literal, st.just("number"), st.integers(-(10**9), 10**9).map(str)),
    st.builds(Literal, st.just("number"), st.decimals(-1000, 1000, places=2).map(str)),
    st.builds(Literal, st.just("date"), st.dates().map(str)),
    st.builds(
        Literal, st.just("moment"), st.datetimes().map(lambda at: at.isoformat(timespec="seconds") + "Z")
    ),
    st.builds(Literal, st.just("word"), st.sampled_from(["null", "TRUE", "TODAY", "LAST_N_DAYS:30"])),
)
SOME_LITERALS = st.lists(LITERALS, min_size=1, max_size=4).map(tuple)
COMPARISONS = st.one_of(
    st.builds(
        Compare, PATHS, st.sampled_from(["=", "!=", "<", "<=", ">", ">=", "LIKE"]), st.tuples(LITERALS)
    ),
    st.builds(Compare, PATHS, st.sampled_from(["IN", "NOT IN", "INCLUDES", "EXCLUDES"]), SOME_LITERALS),
)


def _combined(conditions):
    several = st.lists(conditions, min_size=2, max_size=3).map(tuple)
    return st.one_of(
        st.builds(Combine, st.sampled_from(["AND", "OR"]), several), st.builds(Negate, conditions)
    )


CONDITIONS = st.recursive(COMPARISONS, _combined, max_leaves=6)
ITEMS = st.one_of(
    st.builds(Item, PATHS),
    st.builds(
        Item, PATHS, st.sampled_from(["COUNT", "SUM", "MIN", "MAX", "AVG"]), st.one_of(st.just(""), NAMES)
    ),
    st.just(Item("", "COUNT")),
)


def _queries(conditions):
    return st.builds(
        Query,
        st.lists(ITEMS, min_size=1, max_size=3).map(tuple),
        NAMES,
        st.none() | conditions,
        st.lists(st.builds(Item, PATHS), max_size=2).map(tuple),
        st.lists(st.builds(Order, PATHS, st.booleans(), st.booleans()), max_size=2).map(tuple),
        st.none() | COUNTS,
        COUNTS,
    )


SEMI_JOINS = st.builds(Compare, PATHS, st.sampled_from(["IN", "NOT IN"]), st.just(()), _queries(COMPARISONS))
QUERIES = _queries(CONDITIONS | SEMI_JOINS)


def condition_text(condition):
    """The text of a condition, every joined part in parentheses."""
    if isinstance(condition, Negate):
        return f"NOT ({condition_text(condition.inner)})"
    if isinstance(condition, Combine):
        return f" {condition.joiner} ".join(f"({condition_text(part)})" for part in condition.parts)
    if condition.query is not None:
        return f"{condition.path} {condition.operator} ({query_text(condition.query)})"
    values = ", ".join(value.text for value in condition.values)
    several = condition.operator in ("IN", "NOT IN", "INCLUDES", "EXCLUDES")
    return f"{condition.path} {condition.operator} " + (f"({values})" if several else values)


def _item_text(item):
    return f"{item.function}({item.path}) {item.alias}".strip() if item.function else item.path


def _order_text(order):
    direction, place = ("DESC" if order.descending else "ASC"), ("LAST" if order.nulls_last else "FIRST")
    return f"{order.path} {direction} NULLS {place}"


def query_text(query):
    """The text of a query."""
    parts = [f"SELECT {', '.join(map(_item_text, query.items))} FROM {query.entity}"]
    if query.where is not None:
        parts.append("WHERE " + condition_text(query.where))
    if query.group:
        parts.append("GROUP BY " + ", ".join(item.path for item in query.group))
    if query.order:
        parts.append("ORDER BY " + ", ".join(map(_order_text, query.order)))
    if query.limit is not None:
        parts.append(f"LIMIT {query.limit}")
    if query.offset:
        parts.append(f"OFFSET {query.offset}")
    return " ".join(parts)
