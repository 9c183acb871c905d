"""Where a partner is: the country that is meant, however it is written."""

from prm.core.errors import Refused
from prm.core.words.countries import country_code


def country_meant(said: str) -> str:
    """Return the code of the country that is meant, "" for nothing said. Raises `Refused`."""
    found = country_code(said)
    if said and not found:
        words = f"“{said[:60]}” is no country that is known here. Write its name or its code, such as Germany or DE."
        raise Refused(words, field="country", code="invalid")
    return found
