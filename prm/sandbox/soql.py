"""SOQL: text to a tree. What the tree means is decided in ``soql_compile``."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import NoReturn

from prm.sandbox.errors import SandboxError

_TOKEN = re.compile(
    r"""(?P<space>\s+)
      | (?P<string>'(?:[^'\\]|\\.)*')
      | (?P<moment>\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(?:\.\d+)?(?:[Zz]|[+-]\d\d:?\d\d))
      | (?P<date>\d{4}-\d\d-\d\d(?![\d]))
      | (?P<number>[+-]?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)
      | (?P<word>[A-Za-z_][A-Za-z0-9_]*(?:\.[A-Za-z_][A-Za-z0-9_]*)*(?::\d+)?)
      | (?P<sign><=|>=|!=|<>|[=<>(),])
    """,
    re.VERBOSE | re.DOTALL,
)
_ESCAPES = {"n": "\n", "r": "\r", "t": "\t", "b": "\b", "f": "\f", "'": "'", '"': '"', "\\": "\\"}
AGGREGATES = ("COUNT", "COUNT_DISTINCT", "SUM", "AVG", "MIN", "MAX")
MAX_LENGTH = 100_000


@dataclass(frozen=True, slots=True)
class Token:
    """A piece of the text and where it stands."""

    kind: str
    text: str
    at: int


@dataclass(frozen=True, slots=True)
class Literal:
    """A value in a comparison: kind is string, moment, date, number, word."""

    kind: str
    text: str
    at: int


@dataclass(frozen=True, slots=True)
class Compare:
    """``path operator value(s)``; ``query`` is set for a semi-join."""

    path: str
    operator: str
    values: tuple[Literal, ...]
    at: int
    query: Query | None = None


@dataclass(frozen=True, slots=True)
class Negate:
    """NOT of a condition."""

    inner: Condition


@dataclass(frozen=True, slots=True)
class Combine:
    """Conditions joined by AND or by OR."""

    joiner: str
    parts: tuple[Condition, ...]


Condition = Compare | Negate | Combine


@dataclass(frozen=True, slots=True)
class Item:
    """A selected field or aggregate (``function`` set)."""

    path: str
    at: int
    function: str = ""
    alias: str = ""


@dataclass(frozen=True, slots=True)
class Order:
    """One ORDER BY field."""

    path: str
    at: int
    descending: bool = False
    nulls_last: bool = False


@dataclass(slots=True)
class Query:
    """A parsed SELECT."""

    items: list[Item]
    entity: str
    entity_at: int
    text: str
    where: Condition | None = None
    group: list[Item] = field(default_factory=list)
    order: list[Order] = field(default_factory=list)
    limit: int | None = None
    offset: int = 0


def malformed(text: str, at: int, message: str) -> SandboxError:
    """A MALFORMED_QUERY with the place marked, as Salesforce does."""
    return SandboxError("MALFORMED_QUERY", located(text, at, message))


def located(text: str, at: int, message: str) -> str:
    """The message after an excerpt of the query with a caret under the place."""
    start = max(0, at - 30)
    excerpt = " ".join(text[start : at + 30].split("\n"))
    row = text.count("\n", 0, at) + 1
    column = at - (text.rfind("\n", 0, at) + 1) + 1
    return f"\n{excerpt}\n{' ' * (at - start)}^\nERROR at Row:{row}:Column:{column}\n{message}"


def decode_string(token: Literal, text: str, *, like: bool = False) -> str:
    r"""The value of a quoted string. For LIKE it is an SQL pattern whose escape is a backslash."""
    raw, out, position = token.text[1:-1], [], 0
    while position < len(raw):
        char = raw[position]
        if char != "\\":
            out.append(char)
            position += 1
            continue
        follower = raw[position + 1]
        position += 2
        if follower in _ESCAPES:
            plain = _ESCAPES[follower]
            out.append("\\\\" if like and plain == "\\" else plain)
        elif like and follower in "%_":
            out.append("\\" + follower)
        elif follower == "u" and re.match(r"[0-9a-fA-F]{4}", raw[position : position + 4]):
            out.append(chr(int(raw[position : position + 4], 16)))
            position += 4
        else:
            bad = f"Invalid string literal '{raw}'. Illegal character sequence '\\{follower}' in string literal '{raw}'"
            raise SandboxError("MALFORMED_QUERY", bad)
    return "".join(out)


def tokenize(text: str) -> list[Token]:
    """The tokens of a query, ended by one of kind ``end``."""
    tokens, position = [], 0
    while position < len(text):
        found = _TOKEN.match(text, position)
        if found is None:
            raise malformed(
                text, position, f"line 1:{position} no viable alternative at character '{text[position]}'"
            )
        if found.lastgroup != "space":
            tokens.append(Token(str(found.lastgroup), found.group(), position))
        position = found.end()
    return [*tokens, Token("end", "<EOF>", len(text))]


class Parser:
    """Recursive descent over one query."""

    def __init__(self, text: str) -> None:
        if len(text) > MAX_LENGTH:
            raise SandboxError(
                "MALFORMED_QUERY", f"SOQL statements cannot be longer than {MAX_LENGTH} characters."
            )
        self._text = text
        self._tokens = tokenize(text)
        self._position = 0

    def parse(self) -> Query:
        """The whole text as one query; raises MALFORMED_QUERY."""
        query = self._query()
        if self._peek.kind != "end":
            self._unexpected()
        return query

    # Tokens

    @property
    def _peek(self) -> Token:
        return self._tokens[self._position]

    def _next(self) -> Token:
        token = self._peek
        self._position += token.kind != "end"
        return token

    def _is(self, *words: str) -> bool:
        return self._peek.kind in ("word", "sign") and self._peek.text.upper() in words

    def _accept(self, *words: str) -> bool:
        if self._is(*words):
            self._position += 1
            return True
        return False

    def _expect(self, *words: str) -> Token:
        if not self._is(*words):
            self._unexpected(f"expecting '{words[0]}'")
        return self._next()

    def _word(self) -> Token:
        if self._peek.kind != "word":
            self._unexpected()
        return self._next()

    def _unexpected(self, hint: str = "") -> NoReturn:
        token = self._peek
        shown = f"unexpected token: '{token.text}'" if token.kind != "end" else "unexpected end of query"
        raise malformed(self._text, token.at, f"{shown} {hint}".strip())

    # Grammar

    def _query(self) -> Query:
        self._expect("SELECT")
        items = [self._item()]
        while self._accept(","):
            items.append(self._item())
        self._expect("FROM")
        entity = self._word()
        if self._peek.kind == "word" and not self._is(
            "WHERE", "GROUP", "ORDER", "LIMIT", "OFFSET", "FOR", "ALL"
        ):
            self._unexpected("(aliases are not modelled)")
        query = Query(items, entity.text, entity.at, self._text)
        if self._accept("WHERE"):
            query.where = self._condition()
        if self._accept("GROUP"):
            self._expect("BY")
            query.group = [self._path_item()]
            while self._accept(","):
                query.group.append(self._path_item())
        self._tail(query)
        return query

    def _tail(self, query: Query) -> None:
        if self._accept("ORDER"):
            self._expect("BY")
            query.order = [self._order()]
            while self._accept(","):
                query.order.append(self._order())
        if self._accept("LIMIT"):
            query.limit = self._count()
        if self._accept("OFFSET"):
            query.offset = self._count()
            if query.offset > 2000:
                raise SandboxError("NUMBER_OUTSIDE_VALID_RANGE", "Maximum SOQL offset allowed is 2000")

    def _count(self) -> int:
        if self._peek.kind != "number" or not self._peek.text.isdigit():
            self._unexpected("expecting a number")
        return int(self._next().text)

    def _path_item(self) -> Item:
        token = self._word()
        return Item(token.text, token.at)

    def _item(self) -> Item:
        if self._is("("):
            raise malformed(self._text, self._peek.at, "child subqueries are not modelled by the sandbox org")
        token = self._word()
        if not self._accept("("):
            return Item(token.text, token.at)
        if token.text.upper() not in AGGREGATES:
            raise malformed(self._text, token.at, f"unexpected token: '{token.text}' (function not modelled)")
        path = "" if self._is(")") else self._word().text
        self._expect(")")
        if not path and token.text.upper() != "COUNT":
            self._unexpected()
        alias = self._next().text if self._peek.kind == "word" and not self._is("FROM") else ""
        return Item(path, token.at, token.text.upper(), alias)

    def _order(self) -> Order:
        token = self._word()
        descending = False
        if self._accept("DESC"):
            descending = True
        else:
            self._accept("ASC")
        nulls_last = False
        if self._accept("NULLS"):
            nulls_last = self._expect("FIRST", "LAST").text.upper() == "LAST"
        return Order(token.text, token.at, descending, nulls_last)

    def _condition(self) -> Condition:
        parts = [self._factor()]
        joiner = ""
        while self._is("AND", "OR"):
            if joiner and self._peek.text.upper() != joiner:
                # As in Salesforce: AND and OR side by side need parentheses.
                self._unexpected()
            joiner = self._next().text.upper()
            parts.append(self._factor())
        return parts[0] if len(parts) == 1 else Combine(joiner, tuple(parts))

    def _factor(self) -> Condition:
        if self._accept("NOT"):
            return Negate(self._factor())
        if self._accept("("):
            inner = self._condition()
            self._expect(")")
            return inner
        return self._comparison()

    def _comparison(self) -> Condition:
        path = self._word()
        if self._accept("NOT"):
            self._expect("IN")
            return self._membership(path, "NOT IN")
        token = self._expect("=", "!=", "<>", "<", ">", "<=", ">=", "LIKE", "IN", "INCLUDES", "EXCLUDES")
        operator = {"<>": "!="}.get(token.text, token.text.upper())
        if operator in ("IN", "INCLUDES", "EXCLUDES"):
            return self._membership(path, operator)
        return Compare(path.text, operator, (self._literal(),), path.at)

    def _membership(self, path: Token, operator: str) -> Compare:
        self._expect("(")
        if self._is("SELECT") and operator in ("IN", "NOT IN"):
            inner = self._query()
            self._expect(")")
            return Compare(path.text, operator, (), path.at, inner)
        values = [self._literal()]
        while self._accept(","):
            values.append(self._literal())
        self._expect(")")
        return Compare(path.text, operator, tuple(values), path.at)

    def _literal(self) -> Literal:
        token = self._peek
        if token.kind not in ("string", "moment", "date", "number", "word"):
            self._unexpected()
        self._next()
        return Literal(token.kind, token.text, token.at)


def parse(text: str) -> Query:
    """The tree of a SOQL query; raises SandboxError MALFORMED_QUERY."""
    return Parser(text).parse()
