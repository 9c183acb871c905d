"""A letter from its template, as pure functions: names in braces stand for what differs."""

import re
from collections.abc import Mapping
from typing import Final

from prm.core.errors import Refused
from prm.core.notation.reader import figure

SUBJECT: Final = "{company}: your standing from {valid_from}"
TEXT: Final = """Dear {partner},

from {valid_from} you are in tier {to_tier} with us; before it was {from_tier}.

Thank you for working with us. If you have questions, answer this letter or ask {signed_by}.

{company}"""
LONGEST_SUBJECT, LONGEST_LETTER = 150, 4_000
PLACEHOLDERS: Final = {
    "partner": "whom the letter is for",
    "company": "your company's name",
    "from_tier": "the tier before",
    "to_tier": "the tier from then on",
    "valid_from": "the day from which it holds",
    "signed_by": "who signed the review",
    "review": "the review's name",
}
_NAMED = re.compile(r"\{([^{}\n]*)\}")


def check_template(subject: str, text: str) -> None:
    """Refuse a template without words, or with a name in braces that stands for nothing."""
    for name, given, longest in (
        ("letter_subject", subject, LONGEST_SUBJECT),
        ("letter_text", text, LONGEST_LETTER),
    ):
        if not given.strip():
            raise Refused("A letter needs words.", field=name, code="required")
        if len(given) > longest:
            raise Refused(f"At most {figure(longest)} characters fit here.", field=name, code="max_length")
        unknown = sorted(set(_NAMED.findall(given)) - PLACEHOLDERS.keys())
        if unknown:
            known = ", ".join(f"{{{one}}}" for one in PLACEHOLDERS)
            raise Refused(
                f"{{{unknown[0]}}} stands for nothing. There are {known}.", field=name, code="placeholder"
            )
    if "\n" in subject.strip():
        raise Refused("The subject is one line.", field="letter_subject", code="line")


def filled(template: str, values: Mapping[str, str]) -> str:
    """Put values in place of their names; what values contain is never read as a name."""
    return _NAMED.sub(lambda found: values.get(found[1], found[0]), template)
