import pytest
from hypothesis import given
from hypothesis import strategies as st

from partners.directory.codes import is_npi, normal_of, normalise, npi_of, npi_with_check_digit


@pytest.mark.parametrize(
    ("written", "normal"),
    [
        ("17850", "17850"),
        ("17850.0", "17850"),
        ("17850.000", "17850"),
        (" 17850.0\t", "17850"),
        ("\u00a0ab-12 ", "AB-12"),
        ("007", "007"),
        ("1.5", "1.5"),
        ("12.05", "12.05"),
        ("A1.0", "A1.0"),
        (".0", ".0"),
        ("straße", "STRAßE"),
        ("  ", ""),
        ("1.0\n2", "1.0 2"),
        ("A  1", "A 1"),
        ("A\u00a0\t1", "A 1"),
        ("\uff3a\uff37\uff11", "ZW1"),
        ("zw\u200b1\ufeff", "ZW1"),
        ("AB\u201312", "AB-12"),
    ],
)
def test_normal_form_of_a_code(written, normal):
    assert normalise(written) == normal


_codes = st.one_of(
    st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=12),
    st.from_regex(r"[ \t\u00a0]{0,2}[0-9]{1,4}(\.0{0,3})?[ \n\r\f\v]{0,2}", fullmatch=True),
)


@given(_codes)
def test_normal_form_is_stable(code):
    # One pass strips a float tail; blanks and letters are settled at once.
    assert normalise(normalise(code)) == normalise(code)


def test_npi_check_digit_of_the_published_example():
    # 123456789 with check digit 3 is the example of the CMS standard.
    assert npi_with_check_digit("123456789") == "1234567893"
    assert is_npi("1234567893")


@pytest.mark.parametrize("wrong", ["1234567890", "123456789", "12345678931", "3234567893", "12345x7893", ""])
def test_npi_with_a_slip_is_not_one(wrong):
    assert not is_npi(wrong)


@pytest.mark.parametrize("text", ["100 000 0004", "1000-000-004", " 1000000004.0", "1000.000.004"])
def test_an_npi_is_its_figures(text):
    assert npi_of(text) == normal_of("npi", text) == "1000000004"
    assert npi_of("A 100") == "A 100" and normal_of("Epic", "100 000") == "100 000"
