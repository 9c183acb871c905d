"""Source specifications: what is accepted, and that every problem is named with its place."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orders.sources.spec import CREDITS, DELIMITERS, ENCODINGS, FIELDS, SourceFile, Spec
from orders.states import OrderState
from partners.states import Kind
from prm.core.schema import SchemaError

GOOD = 'name = "Meditech"\n[columns]\nnumber = "ORD"\ndate = "DT"\namount = "AMT"\n'


def load_toml(text):
    file = SourceFile.load(text)
    return file.name, file.kind, file.spec


def problems(text):
    with pytest.raises(SchemaError) as caught:
        SourceFile.load(text)
    return {p.field: p.message for p in caught.value.problems}


def test_least_that_is_needed():
    name, kind, spec = load_toml(GOOD)
    assert (name, kind, spec.columns["date"], spec.date_formats) == ("Meditech", "file", "DT", ("iso",))


def test_json_form_reads_back_the_same():
    _, _, spec = load_toml(GOOD + '[states]\nX = "cancelled"\n[cancellations]\nnumber_prefixes = ["C"]\n')
    assert Spec.parse(spec.to_json()) == spec
    assert spec.is_cancellation("C1") and not spec.is_cancellation("1C")


def test_bench_source_is_valid():
    text = (Path(__file__).parents[3] / "bench" / "online_retail.toml").read_text(encoding="utf-8")
    name, _, spec = load_toml(text)
    assert name == "online_retail" and spec.create_partners


@pytest.mark.parametrize(
    ("line", "field"),
    [
        ('encoding = "klingon"', "encoding"),
        ('delimiter = "--"', "delimiter"),
        ('decimal_mark = ";"', "decimal_mark"),
        ('date_formats = ["%d.%m"]', "date_formats[0]"),
        ("date_formats = []", "date_formats"),
        ('timezone = "Mars/Olympus"', "timezone"),
        ('currency = "XQZ"', "currency"),
        ('partner_kind = "friend"', "partner_kind"),
        ("create_partners = 1", "create_partners"),
        ("colour = 3", "colour"),
        ('kind = "fax"', "kind"),
        ("columns = 3", "columns"),
    ],
)
def test_bad_setting_is_named(line, field):
    text = (
        GOOD.split("\n[columns]", maxsplit=1)[0] + f"\n{line}\n" if field == "columns" else f"{line}\n{GOOD}"
    )
    assert field in problems(text)


def test_columns_are_judged_one_by_one():
    found = problems('name = "M"\n[columns]\nnumber = 3\nprice = "P"\nproduct_name = "N"\n')
    assert set(found) == {
        "columns.number", "columns.price", "columns.date", "columns.amount", "columns.product_code",
    }  # fmt: skip


def test_column_given_twice():
    assert "given to two fields" in problems(GOOD.replace('"DT"', '"ORD"'))["columns"]


def test_columns_by_number_without_header():
    _, _, spec = load_toml('name = "M"\nheader = false\n[columns]\nnumber = 1\ndate = 2\namount = 3\n')
    assert spec.columns == {"number": 1, "date": 2, "amount": 3}
    assert "columns.date" in problems(
        'name = "M"\nheader = false\n[columns]\nnumber = 1\ndate = "D"\namount = 3\n'
    )


def test_unknown_state_and_missing_name_and_broken_toml():
    assert "states.Q" in problems(GOOD + '[states]\nQ = "lost"\n')
    assert "name" in problems(GOOD.partition("\n")[2])
    assert "not valid TOML" in problems("name = ")[""]


def test_everything_wrong_is_said_at_once_in_sentences():
    text = 'name = "M"\nencoding = "Klingon"\nheader = 1\ncolour = 3\n[cancellations]\nprefix = "C"\n'
    assert problems(text) == {
        "encoding": f"'Klingon' is not known; use one of {', '.join(ENCODINGS)}.",
        "header": "Write true or false.",
        "columns": 'Say which column holds what: [columns] number = "…", date = "…".',
        "cancellations.prefix": (
            'This takes number_prefixes = ["C"] and types = ["credit note"], and nothing else.'
        ),
        "colour": "There is no such setting.",
    }


def test_words_for_delimiters_and_capitals_are_understood():
    _, kind, spec = load_toml(
        'delimiter = "tab"\nencoding = "UTF-8"\nkind = "csv"\ncurrency = "gbp"\n' + GOOD
    )
    assert (kind, spec.delimiter, spec.encoding, spec.currency) == ("file", "\t", "utf-8", "GBP")


def test_headers_have_columns_of_their_own_and_may_say_the_day():
    lines = '[columns]\nnumber = "NO"\namount = "AMT"\n'
    heads = 'name = "M"\n[header_columns]\nnumber = "NO"\ndate = "DAY"\n'
    _, _, spec = load_toml(heads + lines)
    assert spec.fields == {"number": "NO", "date": "DAY", "amount": "AMT"}
    assert problems('name = "M"\n' + lines) == {"columns.date": "Order date is needed."}
    assert problems(heads + 'number_2 = "B"\n' + lines) == {
        "header_columns.number": "Headers and lines need the same parts of the number."
    }
    assert "header_columns.quantity" in problems(heads + 'quantity = "Q"\n' + lines)


def test_kept_form_is_plain_json_without_name_and_kind():
    _, _, spec = load_toml(GOOD + '[states]\nX = "cancelled"\n')
    kept = json.loads(json.dumps(spec.to_json()))
    assert (kept["states"], kept["columns"]["amount"]) == ({"x": "cancelled"}, "AMT")
    assert not {"name", "kind"} & set(kept)
    assert Spec.parse(kept) == spec


COLUMN = st.text(min_size=1).map(str.strip).filter(bool)


@st.composite
def specs(draw):
    """Settings in the JSON form, all of them legal."""
    header = draw(st.booleans())
    optional = draw(
        st.sets(st.sampled_from([f for f in FIELDS if f not in {"number", "date", "product_name", *CREDITS}]))
    )
    optional -= {"number_3"} if "number_2" not in optional else set()
    fields = ["number", "date", *sorted(optional | {"amount"})]
    column = COLUMN if header else st.integers(1, 1000)
    places = draw(st.lists(column, min_size=len(fields), max_size=len(fields), unique=True))
    settings = {
        "encoding": st.sampled_from(ENCODINGS),
        "delimiter": st.sampled_from([*DELIMITERS, *DELIMITERS.values(), "~"]),
        "decimal_mark": st.sampled_from(".,"),
        "date_formats": st.lists(st.sampled_from(["iso", "%d.%m.%Y", "%b %d %y"]), min_size=1, max_size=3),
        "timezone": st.sampled_from(["", "Europe/London", "America/New_York"]),
        "currency": st.sampled_from(["", "usd", "EUR"]),
        "code_scheme": st.text(max_size=60),
        "create_partners": st.booleans(),
        "partner_kind": st.sampled_from(Kind.values),
        "drop_exact_repeats": st.booleans(),
        "cancellations": st.fixed_dictionaries(
            {"number_prefixes": st.lists(COLUMN, max_size=3), "types": st.lists(COLUMN, max_size=2)}
        ),
        "minor_units": st.booleans(),
        "states": st.dictionaries(st.text(), st.sampled_from(OrderState.values), max_size=3),
    }
    chosen = draw(st.fixed_dictionaries({}, optional=settings))
    return {"header": header, "columns": dict(zip(fields, places, strict=True)), **chosen}


@given(specs())
def test_every_legal_form_parses_and_its_kept_form_means_the_same(data):
    spec = Spec.parse(data)
    assert Spec.parse(json.loads(json.dumps(spec.to_json()))) == spec
    assert list(spec.columns) == [field for field in FIELDS if field in data["columns"]]


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)


@given(specs(), st.dictionaries(st.sampled_from([*SourceFile.model_fields, "colour"]), ANYTHING, max_size=3))
def test_any_form_parses_or_gives_problems_at_settings_of_its_own(data, changes):
    try:
        Spec.parse(data | changes)
    except SchemaError as error:
        heads = {problem.field.split(".")[0].split("[")[0] for problem in error.problems}
        assert heads <= set(changes) | {"columns"}  # columns are judged by what header says


@given(ANYTHING)
def test_what_is_no_form_at_all_is_refused_with_sentences(data):
    with pytest.raises(SchemaError) as caught:
        Spec.parse(data)
    assert all(problem.message.endswith(".") for problem in caught.value.problems)


def test_shares_stand_in_one_column_or_in_pairs():
    assert "columns.share_1" in problems(GOOD + 'credit_1 = "A"\n')
    assert "columns.credit_2" in problems(GOOD + 'share_2 = "A"\n')
    assert "columns.credit" in problems(GOOD + 'credit = "T"\ncredit_1 = "A"\nshare_1 = "P"\n')
    assert load_toml(GOOD + 'credit_1 = "A"\nshare_1 = "P"\n')[2].shares_credit
