"""The words of values of this app's columns, for the audit trail."""

from partners.kinds.queries import kind_word
from prm.audit.trail.registry import FieldWords
from prm.core.words.countries import country_name

WORDS = [
    FieldWords(key="partners.Partner.kind", words=kind_word),
    FieldWords(key="partners.Partner.country", words=country_name),
]
