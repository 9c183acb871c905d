"""Typed schemas (pydantic) whose every problem has a place, a sentence and a code.

A schema is written once, as a class, and is the truth for everything that reads the same thing: a file,
a form, the API and its description, the table in the documentation. Types, limits and words stand side
by side; pydantic does the checking, and its own words reach nobody.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar, Final, Self

from pydantic import (
    BaseModel,
    ConfigDict,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
    ModelWrapValidatorHandler,
    ValidationError,
    ValidatorFunctionWrapHandler,
    model_validator,
)
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, ErrorDetails, InitErrorDetails, PydanticCustomError, core_schema

# Marks errors that are in our words already.
_OURS: Final = "prm:"

Words = tuple[str, str]
"""A sentence and its code."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong; `field` is its path from the top (`columns.quantity`, `lines[0].amount`)."""

    field: str
    message: str
    code: str = "invalid"


class SchemaError(ValueError):
    """Input that does not fit its schema; `problems` lists everything that is wrong."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__("; ".join(f"{p.field}: {p.message}" if p.field else p.message for p in problems))
        self.problems = tuple(problems)


def refusal(message: str, code: str = "invalid") -> PydanticCustomError:
    """Return the error by which a validator refuses a value with this sentence."""
    return PydanticCustomError(f"{_OURS}{code}", message)


@dataclass(frozen=True, slots=True)
class Says:
    """Annotates a type with what is said when a value does not fit it.

    `{value!r}` in the message stands for the value; a message without it is also said when the field is
    missing. What a validator inside refuses keeps its own words.
    """

    message: str
    code: str = "invalid"

    def __get_pydantic_core_schema__(self, source: object, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_wrap_validator_function(self._check, handler(source))

    def _check(self, value: object, inner: ValidatorFunctionWrapHandler) -> object:
        try:
            return inner(value)
        except ValidationError as error:
            words = (self.message.format(value=value), self.code)
            raise _error([_detail(line, words) for line in error.errors(include_url=False)]) from error


@dataclass(frozen=True, slots=True)
class DescribedAs:
    """Annotates a type whose description is that of another schema, which reads it later."""

    schema: type[BaseModel]

    def __get_pydantic_json_schema__(
        self, core: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        return handler(self.schema.__pydantic_core_schema__)


class Schema(BaseModel):
    """The base of schemas: strict types (no number is a text), no unknown field, nothing changes later.

    `words` says what to say about the object itself, by pydantic's name of the error; `{name}` stands
    for the field, `{title}` for what people call it, `{fields}` for all there are.
    """

    model_config = ConfigDict(strict=True, frozen=True, extra="forbid")
    words: ClassVar[Mapping[str, Words]] = {}
    _usual_words: ClassVar[Mapping[str, Words]] = {
        "missing": ("{title} is needed.", "required"),
        "extra_forbidden": ("There is no such field.", "unknown_field"),
        "invalid_key": ("There is no such field.", "unknown_field"),
        "model_type": ("This is an object.", "type"),
    }

    @classmethod
    def parse(cls, data: object, **context: object) -> Self:
        """Return the object that `data` makes. Raises `SchemaError` naming every problem."""
        try:
            return cls.model_validate(data, context=context)
        except ValidationError as error:
            raise SchemaError([_problem(line) for line in error.errors(include_url=False)]) from error

    @classmethod
    def across(cls, data: Mapping[str, object]) -> Iterator[Problem]:
        """Yield what is wrong between fields, judged on what was given, so that all is said at once."""
        del data  # here nothing; schemas with such rules look at it
        return iter(())

    @model_validator(mode="wrap")
    @classmethod
    def _in_words(cls, data: object, inner: ModelWrapValidatorHandler[Self]) -> Self:
        details: list[InitErrorDetails] = []
        made = None
        try:
            made = inner(data)
        except ValidationError as error:
            details = [_detail(line, cls._words_of(line)) for line in error.errors(include_url=False)]
        if isinstance(data, dict):
            details += [_found(problem) for problem in cls.across(data)]
        if details or made is None:
            raise _error(details)
        return made

    @classmethod
    def _words_of(cls, line: ErrorDetails) -> Words | None:
        """Return our words for an error of the object itself, or of a field that is missing."""
        name = str(line["loc"][0]) if line["loc"] else ""
        field = cls.model_fields.get(name)
        if line["type"] == "missing" and field is not None:
            for note in field.metadata:
                if isinstance(note, Says) and "{value" not in note.message:
                    return note.message, note.code
        words = cls.words.get(line["type"]) or cls._usual_words.get(line["type"])
        if words is None or len(line["loc"]) > 1:
            return None
        title = field.title if field is not None and field.title else name
        return words[0].format(name=name, title=title, fields=", ".join(cls.model_fields)), words[1]


def _error(details: list[InitErrorDetails]) -> ValidationError:
    return ValidationError.from_exception_data("schema", details)


def _found(problem: Problem) -> InitErrorDetails:
    place = (problem.field,) if problem.field else ()
    return InitErrorDetails(type=refusal(problem.message, problem.code), loc=place, input=None)


def _detail(line: ErrorDetails, words: Words | None) -> InitErrorDetails:
    """Return an error with the given words, unless it has words of ours already."""
    if words is None or line["type"].startswith(_OURS):
        words = line["msg"], _code(line)
    return InitErrorDetails(type=refusal(*words), loc=line["loc"], input=None)


def _code(line: ErrorDetails) -> str:
    return line["type"].removeprefix(_OURS)


def _problem(line: ErrorDetails) -> Problem:
    return Problem(_path(line["loc"]), line["msg"], _code(line))


def _path(places: tuple[int | str, ...]) -> str:
    """Return the places as a path: names with points between, positions in brackets."""
    path = ""
    for place in places:
        if place == "[key]":  # pydantic's word for a bad key itself, whose name stands before it
            continue
        if isinstance(place, int):
            path += f"[{place}]"
        else:
            path += f".{place}" if path else place
    return path
