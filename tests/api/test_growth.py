"""Input twice as large takes twice the work, whatever it is made of: counted in executed lines, not in seconds."""

import io
import sys
from collections.abc import Callable

import pytest
from rest_framework.exceptions import ParseError

from orders.doors.rest.schema import read_body
from orders.sources.spec import SourceFile
from prm.api.parsing import StrictJSONParser
from prm.core.csv import csv_text
from prm.core.errors import Refused
from prm.core.schema import SchemaError


def parse(text: str) -> None:
    StrictJSONParser().parse(io.BytesIO(text.encode()))


def repeated_key_last(size: int) -> str:
    return "{" + ",".join(f'"k{n}":1' for n in range(size)) + f',"k{size - 1}":1}}'


INPUTS: dict[str, Callable[[int], object]] = {
    "a repeated key": lambda n: parse(repeated_key_last(n)),
    "many keys": lambda n: parse("{" + ",".join(f'"k{i}":1' for i in range(n)) + "}"),
    "a list": lambda n: parse(f"[{','.join('1' * n)}]"),
    "halves of characters": lambda n: parse("[" + ",".join(['"\\ud800"'] * n) + "]"),
    "orders with unknown fields": lambda n: read_body({f"k{i}": 1 for i in range(n)}),
    "columns of a source": lambda n: SourceFile.load(
        'name = "A"\n[columns]\n' + "\n".join(f'c{i} = "h{i}"' for i in range(n))
    ),
    "states of a source": lambda n: SourceFile.load(
        'name = "A"\n[columns]\nnumber = "n"\ndate = "d"\namount = "a"\n[states]\n'
        + "\n".join(f'"s{i}" = "completed"' for i in range(n))
    ),
    "a table": lambda n: csv_text(["a"], ([f"={i}"] for i in range(n))),
}


def work(read: Callable[[int], object], size: int) -> int:
    """How many calls, lines of ours and built-ins, reading takes; what it says about the input does not matter."""
    count = 0

    def tick(frame: object, event: str, arg: object) -> None:
        nonlocal count
        count += 1

    sys.setprofile(tick)
    try:
        read(size)
    except (ParseError, Refused, SchemaError):
        pass
    finally:
        sys.setprofile(None)
    return count


@pytest.mark.parametrize("name", INPUTS)
def test_work_grows_as_the_input_does(name):
    small, large = work(INPUTS[name], 500), work(INPUTS[name], 4_000)
    assert large < small * 8 * 1.5 + 1_000
