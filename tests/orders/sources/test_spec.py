"""Source specifications: what is accepted, and that every problem is named with its place."""

from pathlib import Path

import pytest

from orders.sources.spec import SpecError, load_toml, parse_spec

GOOD = 'name = "Meditech"\n[columns]\nnumber = "ORD"\ndate = "DT"\namount = "AMT"\n'


def problems(text):
    with pytest.raises(SpecError) as caught:
        load_toml(text)
    return {p.field: p.message for p in caught.value.problems}


def test_least_that_is_needed():
    name, kind, spec = load_toml(GOOD)
    assert (name, kind, spec.columns["date"], spec.date_formats) == ("Meditech", "file", "DT", ("iso",))


def test_json_form_reads_back_the_same():
    _, _, spec = load_toml(GOOD + '[states]\nX = "cancelled"\n[cancellations]\nnumber_prefixes = ["C"]\n')
    assert parse_spec(spec.to_json()) == spec
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
