"""SOQL: text to a tree by the grammar in `soql.lark`. What the tree means is decided in `compiler`."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import TypeAlias

from lark import Lark, Token, Transformer, UnexpectedCharacters, UnexpectedInput, UnexpectedToken, v_args

from prm.sandbox.kit.errors import SandboxError
from prm.sandbox.soql.errors import malformed
from prm.sandbox.soql.models import Combine, Compare, Condition, Item, Literal, Negate, Order, Query

AGGREGATES = ("COUNT", "COUNT_DISTINCT", "SUM", "AVG", "MIN", "MAX")
MAX_LENGTH, MAX_OFFSET = 100_000, 2000
_SHOWN = {"COUNT": "a number", "LPAR": "'('", "RPAR": "')'", "COMMA": "','"}
_Tree: TypeAlias = Query | Condition | Item | Order | Literal


class _RefusedError(Exception):
    """What the grammar allows and this org or Salesforce does not, and where it stands."""

    def __init__(self, token: Token, hint: str) -> None:
        super().__init__(hint)
        self.at, self.message = _place(token), f"unexpected token: '{token}' {hint}".strip()


def _place(token: Token) -> int:
    return token.start_pos or 0


@v_args(inline=True)
class _Builder(Transformer[Token, _Tree]):
    """Makes the tree, one method per rule of the grammar."""

    def query(
        self,
        items: tuple[Item, ...],
        entity: Token,
        alias: Token | None,
        where: Condition | None,
        group: tuple[Item, ...] | None,
        order: tuple[Order, ...] | None,
        limit: Token | None,
        offset: Token | None,
    ) -> Query:
        if alias is not None:
            raise _RefusedError(alias, "(aliases are not modelled)")
        return Query(
            items,
            str(entity),
            where,
            group or (),
            order or (),
            None if limit is None else int(limit),
            _offset(offset),
            _place(entity),
        )

    def items(self, *items: Item) -> tuple[Item, ...]:
        return items

    group = items

    def field(self, path: Token) -> Item:
        return Item(str(path), at=_place(path))

    def aggregate(self, function: Token, path: Token | None, closing: Token, alias: Token | None) -> Item:
        name = function.upper()
        if name not in AGGREGATES:
            raise _RefusedError(function, "(function not modelled)")
        if path is None and name != "COUNT":
            raise _RefusedError(closing, "")
        return Item(str(path or ""), name, str(alias or ""), _place(function))

    def child_query(self, opening: Token, _query: Query) -> Item:
        raise _RefusedError(opening, "(child subqueries are not modelled by the sandbox org)")

    def where(self, condition: Condition) -> Condition:
        return condition

    def all(self, *parts: Condition) -> Combine:
        return Combine("AND", parts)

    def any(self, *parts: Condition) -> Combine:
        return Combine("OR", parts)

    def negation(self, *parts: Condition | Token) -> Negate:
        inner = parts[-1]
        assert not isinstance(inner, Token)
        return Negate(inner)

    def comparison(self, path: Token, operator: Token, value: Literal) -> Compare:
        return Compare(str(path), _operator(operator), (value,), at=_place(path))

    def membership(self, path: Token, *rest: Token | Literal) -> Compare:
        words = [each for each in rest if isinstance(each, Token)]
        values = tuple(each for each in rest if isinstance(each, Literal))
        return Compare(str(path), _operator(*words), values, at=_place(path))

    def semi_join(self, path: Token, *rest: Token | Query) -> Compare:
        words = [each for each in rest if isinstance(each, Token)]
        (query,) = (each for each in rest if isinstance(each, Query))
        return Compare(str(path), _operator(*words), (), query, _place(path))

    def literal(self, token: Token) -> Literal:
        return Literal(token.type.lower(), str(token), _place(token))

    def order(self, *fields: Order) -> tuple[Order, ...]:
        return fields

    def ordered(self, path: Token, direction: Token | None, nulls: Token | None) -> Order:
        descending = direction is not None and direction.upper() == "DESC"
        return Order(str(path), descending, nulls is not None and nulls.upper() == "LAST", _place(path))

    def nulls(self, place: Token) -> Token:
        return place

    limit = offset = nulls


def _operator(*words: Token) -> str:
    text = " ".join(words).upper()
    return "!=" if text == "<>" else text


def _offset(count: Token | None) -> int:
    offset = int(count or 0)
    if offset > MAX_OFFSET:
        raise SandboxError("NUMBER_OUTSIDE_VALID_RANGE", f"Maximum SOQL offset allowed is {MAX_OFFSET}")
    return offset


@cache
def _grammar() -> Callable[[str], object]:
    # Built at the first query: it takes a tenth of a second.
    text = (Path(__file__).parent / "soql.lark").read_text(encoding="utf-8")
    return Lark(text, start="query", parser="lalr", transformer=_Builder()).parse


def parse(text: str) -> Query:
    """Return the tree of a SOQL query; raise SandboxError MALFORMED_QUERY."""
    if len(text) > MAX_LENGTH:
        raise SandboxError(
            "MALFORMED_QUERY", f"SOQL statements cannot be longer than {MAX_LENGTH} characters."
        )
    try:
        query = _grammar()(text)
    except _RefusedError as refused:
        raise malformed(text, refused.at, refused.message) from None
    except UnexpectedInput as error:
        raise _unreadable(text, error) from None
    assert isinstance(query, Query)
    return query


def _unreadable(text: str, error: UnexpectedInput) -> SandboxError:
    at = error.pos_in_stream or 0
    if isinstance(error, UnexpectedCharacters):
        return malformed(text, at, f"line 1:{at} no viable alternative at character '{text[at]}'")
    assert isinstance(error, UnexpectedToken)
    if error.token.type == "$END":
        return malformed(text, len(text), "unexpected end of query")
    expected = [_SHOWN.get(name, f"'{name}'") for name in error.accepts]
    hint = f" expecting {expected[0]}" if len(expected) == 1 else ""
    return malformed(text, at, f"unexpected token: '{error.token}'{hint}")
