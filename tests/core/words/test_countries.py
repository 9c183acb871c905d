"""Countries: what people write for them, in which languages, and what is none."""

import pytest

from prm.core.words.countries import LANGUAGES, country_choices, country_code, country_name


@pytest.mark.parametrize(
    ("written", "code"),
    [
        *[(word, "DE") for word in ("de", "DEU", "Germany", " germany ", "Deutschland", "Allemagne", "Alemania", "Niemcy")],
        *[(word, "US") for word in ("US", "USA", "U.S.A.", "U.S.", "United States of America", "Vereinigte Staaten")],
        *[(word, "GB") for word in ("UK", "U.K.", "Great Britain", "England", "GBR")],
        ("Österreich", "AT"), ("OSTERREICH", "AT"), ("Oesterreich", "AT"), ("Suisse", "CH"), ("日本", "JP"), ("Ελλάδα", "GR"),
        ("Turkey", "TR"), ("Türkiye", "TR"), ("Czech Republic", "CZ"), ("Holland", "NL"), ("Kosovo", "XK"), ("CA", "CA"),
        ("Georgia", "GE"),
    ],
)  # fmt: skip
def test_what_is_written_for_a_country_means_it(written, code):
    assert country_code(written) == code


@pytest.mark.parametrize("written", ["", " ", "Freedonia", "EU", "UN", "ZZ", "California", "12", "U", "USSR"])
def test_what_is_no_country_means_none(written):
    assert country_code(written) == ""


def test_every_code_and_every_name_of_every_language_means_a_country():
    assert len(country_choices()) == 250
    for code, name in country_choices():
        assert country_code(code) == code
        assert country_code(name) == code, name
    assert "de" in LANGUAGES


def test_names_are_english_and_what_is_no_code_stays():
    assert (country_name("DE"), country_name(""), country_name("QQ")) == ("Germany", "", "QQ")
