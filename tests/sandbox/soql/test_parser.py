import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from prm.sandbox.kit.errors import SandboxError
from prm.sandbox.soql.models import Combine, Compare, Item, Literal, Negate, Order, Query
from prm.sandbox.soql.parser import parse

from .trees import QUERIES, query_text


@settings(deadline=None, max_examples=200)
@given(QUERIES)
def test_a_printed_tree_is_parsed_back(tree):
    assert parse(query_text(tree)) == tree


@settings(deadline=None, max_examples=50)
@given(QUERIES, st.sampled_from(["  ", "\n", "\t\r\n"]))
def test_white_space_does_not_matter(tree, space):
    text = query_text(tree)
    if "'" not in text:
        assert parse(space + text.replace(" ", space) + space) == tree


@settings(deadline=None)
@given(st.text(max_size=80))
def test_any_text_is_parsed_or_refused_as_malformed(text):
    try:
        parse("SELECT Id FROM Account WHERE " + text)
    except SandboxError as error:
        codes = {error.code}
    else:
        codes = set()
    assert codes <= {"MALFORMED_QUERY", "NUMBER_OUTSIDE_VALID_RANGE"}


def test_words_and_operators_are_read_in_any_case():
    read = parse(
        "select Id from Account where not Name like 'a%' order by Name desc nulls last limit 3 offset 4"
    )
    like = Compare("Name", "LIKE", (Literal("string", "'a%'"),))
    order = (Order("Name", descending=True, nulls_last=True),)
    assert read == Query((Item("Id"),), "Account", Negate(like), (), order, 3, 4)


def test_key_words_are_names_where_no_key_word_may_stand():
    read = parse(
        "SELECT Order, Fromage, Likes__c FROM Inn WHERE Limit = 1 AND In_Use__c != 2 ORDER BY Group.By"
    )
    assert [item.path for item in read.items] == ["Order", "Fromage", "Likes__c"]
    assert [part.path for part in read.where.parts] == ["Limit", "In_Use__c"]
    assert read.order[0].path == "Group.By"


def test_not_binds_tighter_than_and():
    read = parse("SELECT Id FROM A WHERE NOT x = 1 AND y <> 2")
    first, second = (
        Compare("x", "=", (Literal("number", "1"),)),
        Compare("y", "!=", (Literal("number", "2"),)),
    )
    assert read.where == Combine("AND", (Negate(first), second))


@pytest.mark.parametrize(
    ("soql", "place", "message"),
    [
        ("SELECT Id, FROM A", "Row:1:Column:17", "unexpected token: 'A'"),
        ("SELECT Id\nFROM A\nWHERE", "Row:3:Column:6", "unexpected end of query"),
        ("SELECT Id FROM A LIMIT many", "Row:1:Column:24", "unexpected token: 'many' expecting a number"),
        ("SELECT Id FROM A GROUP Id", "Row:1:Column:24", "unexpected token: 'Id' expecting 'BY'"),
        ("SELECT Id FROM A a", "Row:1:Column:18", "unexpected token: 'a' (aliases are not modelled)"),
        ("SELECT SUM() FROM A", "Row:1:Column:12", "unexpected token: ')'"),
        ("SELECT FORMAT(x) FROM A", "Row:1:Column:8", "unexpected token: 'FORMAT' (function not modelled)"),
        ("SELECT Id FROM A?", "Row:1:Column:17", "line 1:16 no viable alternative at character '?'"),
    ],
)
def test_refusals_mark_the_place(soql, place, message):
    with pytest.raises(SandboxError) as refused:
        parse(soql)
    *_, located, said = refused.value.message.split("\n")
    assert (refused.value.code, located, said) == ("MALFORMED_QUERY", f"ERROR at {place}", message)


def test_a_query_has_a_longest_length():
    with pytest.raises(SandboxError, match="longer than 100000"):
        parse("SELECT Id FROM A WHERE x = '" + "y" * 100_000 + "'")


def test_deep_parentheses_are_read():
    assert parse("SELECT Id FROM A WHERE " + "(" * 2000 + "x = 1" + ")" * 2000).where.path == "x"
