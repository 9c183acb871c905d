"""Order numbers and codes: what is one, what is nothing, and what names nobody."""

from unicodedata import normalize

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orders.book.models import Order
from orders.ingest.reading.identifiers import identifier, referral_code
from partners.directory.models import Partner
from tests.orders.factories import import_rows, make_source

NOBODY = [
    "unknown",
    "UNKNOWN",
    "Unk",
    "(unknown)",
    "TBD",
    "t.b.d.",
    "not specified",
    "Unbekannt",
    "inconnu",
    "sin código",
]
SIGNS = ["?", "??", ".", "*", "***", "/", "#", "~", "+", "=", "'", "•"]


@pytest.mark.parametrize("word", [*NOBODY, *SIGNS, "#N/A", "NULL", "-"])
def test_a_word_for_nobody_is_no_code(word):
    assert referral_code(word) == ""


@pytest.mark.parametrize("word", NOBODY)
def test_it_may_be_an_order_number(word):
    """Odd, but what an order is called is for its system to say."""
    assert identifier(word, "order number") == word


@pytest.mark.parametrize("sign", SIGNS)
def test_signs_alone_are_no_number_either(sign):
    assert identifier(sign, "order number") == ""


@pytest.mark.parametrize(
    "code", ["UNKNOWN1", "Dr. Unk", "0", "#7", "?7", "Nobody & Sons", "TBD-4", "A", "€1", "😀"]
)
def test_what_only_looks_like_it_is_a_code(code):
    assert referral_code(code) == code


def is_written(sign: str) -> bool:
    """Whether a sign is a letter or figure, or one in brackets or a circle."""
    return any(map(str.isalnum, normalize("NFKC", sign)))


@given(
    st.text(
        alphabet=st.characters(categories=["P", "Sm", "Sc", "Sk", "Zs"]).filter(lambda c: not is_written(c)),
        max_size=8,
    )
)
def test_no_letter_and_no_figure_is_no_code(text):
    assert referral_code(text) == ""


def test_no_partner_is_made_of_a_word_for_nobody(in_mercy):
    """All orders whose referrer nobody knew were one partner's, and the best there was."""
    source = make_source(create_partners=True)
    rows = [
        f"{number},2026-05-03,{word},A,1,5" for number, word in enumerate(["unknown", "?", "TBD", "*", "77"])
    ]
    import_rows(source, *rows)
    assert [str(code) for code in Partner.objects.values_list("codes__code", flat=True)] == ["77"]
    assert Order.objects.filter(partner=None, code="").count() == 4
