"""Order numbers and codes: compared as people see them, and refused where a spreadsheet has changed them.

Folded, since nobody can see the difference: compatibility forms (NFKC: full-width digits, ligatures), characters
without ink, hyphens and apostrophes of typography, several blanks where one stands, and the `.0` that a program has put
behind a whole number.
Letters of different scripts stay different, whatever they look like; one word of both kinds is refused, as one of
them is a slip.
"""

import re
from typing import Final
from unicodedata import category

from orders.ingest.errors import BadCell
from orders.ingest.reading.texts import clean, shown
from orders.ingest.states import RejectReason
from prm.core.words.unseen import plain, typed

DATE_CELL: Final = " (date cell)"
"""Stands behind a date of a workbook's cell, as `orders.doors.files.unpack` writes it."""

# What a spreadsheet makes of a long number: 4.50012E+11, and 1.2345678901234568e+18 of sixteen digits and more.
_SHORTENED: Final = re.compile(
    r"-?[0-9](?:[.,][0-9]+)?\s?[eE][+-][0-9]{2,3}|-?[0-9][.,][0-9]+[eE][+-]?[0-9]{1,3}|-?[0-9]{16,}[.,]0+",
    re.ASCII,
)
# The comma of another country has one or two zeros behind it: three would be thousands.
_FLOAT_TAIL: Final = re.compile(r"([0-9]+)(?:\.0+|,00?)", re.ASCII)
# Letters of Greek, Cyrillic, Armenian, Cherokee and Lisu that look like a Latin one.
_LOOKS_LATIN: Final = frozenset(
    "\u0391\u0392\u0395\u0396\u0397\u0399\u039a\u039c\u039d\u039f\u03a1\u03a4\u03a5\u03a7\u03bf\u03bd"
    "\u0405\u0406\u0408\u0410\u0412\u0415\u041a\u041c\u041d\u041e\u0420\u0421\u0422\u0423\u0425"
    "\u0430\u0435\u043e\u0440\u0441\u0443\u0445\u0455\u0456\u0458\u051a\u051b\u051c\u051d"
    "\u03b1\u03b9\u03ba\u03c1\u03c4\u03c5\u03c7\u04ae\u04af\u04bb\u04c0\u04cf\u0501\u050c\u0474\u0475"
    "\u0555\u0585\u054d\u057d\u0578\u0570\u0581\u0566\u13aa\u13b3\u13b7\u13bb\u13c0\u13c2\u13c3\u13d2\u13da\u13de"
    "\u13a0\u13aa\u13ac\u13a1\u13a2\u13a9\u13e2\u13d4\u13e3\u13d9\u13d5\u13df\ua4d0\ua4d1\ua4d2\ua4d3\ua4d4\ua4d6"
    "\ua4da\ua4e0\ua4e1\ua4e2\ua4e3\ua4e6\ua4df\ua4dd\ua4f0\ua4f2\ua4f3\ua4f4\ua4ea\ua4eb\ua4ee\ua4ec\ua4e7\ua4da"
)
# What words of nothing but such letters (and figures) look like.
_AS_LATIN: Final = str.maketrans(
    "\u0391\u0392\u0395\u0396\u0397\u0399\u039a\u039c\u039d\u039f\u03a1\u03a4\u03a5\u03a7"
    "\u0405\u0406\u0408\u0410\u0412\u0415\u041a\u041c\u041d\u041e\u0420\u0421\u0422\u0423\u0425"
    "\u0430\u0435\u043e\u0440\u0441\u0443\u0445\u0455\u0456\u0458\u03bf\u03bd",
    "ABEZHIKMNOPTYXSIJABEKMHOPCTYXAEOPCYXSIJOV",
)
# What stands in a column of codes where nobody is known, in small letters. As a state or a name it may be an answer.
_NOBODY: Final = frozenset(
    {"unknown", "unk", "unknwn", "not known", "not provided", "not given", "not specified", "unspecified", "not assigned", "unassigned",
     "missing", "to be determined", "tbd", "t.b.d.", "tba", "tbc", "to be confirmed", "no code", "no referral", "no referrer", "nobody",
     "unbekannt", "keine", "keiner", "kein", "ohne", "fehlt", "nicht bekannt", "nicht angegeben", "inconnu", "inconnue", "aucun", "aucune",
     "sans", "non renseign\u00e9", "desconocido", "desconocida", "ninguno", "ninguna", "sin c\u00f3digo", "sin codigo", "sconosciuto",
     "sconosciuta", "nessuno", "nessuna", "desconhecido", "desconhecida", "nenhum", "nenhuma", "onbekend", "geen", "niemand",
     "ok\u00e4nd", "ukendt", "ukjent", "ingen", "tuntematon", "nieznany", "brak"}
)  # fmt: skip
# Punctuation of any kind, signs of arithmetic and of money, accents by themselves, blanks. Pictures are not among them.
_SIGNS: Final = frozenset({"Pc", "Pd", "Ps", "Pe", "Pi", "Pf", "Po", "Sm", "Sc", "Sk", "Zs", "Mn"})
_LATIN: Final = re.compile(r"[A-Za-z]")
_OTHER_SCRIPT: Final = re.compile(r"[\u0370-\u03ff\u0400-\u052f\u0530-\u058f\u13a0-\u13ff\ua4d0-\ua4ff]")
_WORD: Final = re.compile(r"[^\W_]+")


def identifier(raw: str, what: str) -> str:
    """Return an order number or a code as it is compared, "" when there is none.

    `what` names it in messages. Raises `BadCell` for one that a spreadsheet has changed, and for letters of two
    scripts that look alike.
    """
    text = clean(raw)
    if not text.isascii():
        text = typed(plain(text))
        _check_letters(text, what)
    # The sign by which a spreadsheet takes what follows for text: no code begins with it.
    text = text.removeprefix("'")
    # Programs fill fields of fixed width with blanks, and web pages show one for all.
    if "  " in text or not text.isprintable():
        text = " ".join(text.split())
    if _SHORTENED.fullmatch(text):
        raise BadCell(
            RejectReason.CHANGED_BY_SPREADSHEET,
            f"The {what} {shown(text)!r} is a long number that a spreadsheet has shortened; its last digits are lost."
            " Export it again as text.",
        )
    if text.endswith(DATE_CELL):
        raise BadCell(
            RejectReason.CHANGED_BY_SPREADSHEET,
            f"A spreadsheet has made a date of the {what} ({shown(text.removesuffix(DATE_CELL))})."
            " Format the column as text and enter it again.",
        )
    whole = _FLOAT_TAIL.fullmatch(text)
    return whole[1] if whole else "" if _is_signs(text) else text


def referral_code(raw: str, what: str = "referral code") -> str:
    """Return the code of a partner as it is compared, "" for none and for a word that says that nobody is known.

    Nobody is a partner for that: all their orders would be one's. Raises `BadCell` as `identifier` does.
    """
    text = identifier(raw, what)
    return "" if text.strip("()[]<>").casefold() in _NOBODY else text


def _is_signs(text: str) -> bool:
    """Whether a text is signs alone (`?`, `*`, `.` of statistics programs): no identifier of anything."""
    return not any(map(str.isalnum, text)) and all(category(one) in _SIGNS for one in text)


def looks_like(code: str) -> str:
    """Return the code in Latin letters that people would take another for, "" where it is plainly another.

    A word of Cyrillic or Greek letters alone is a code of its own; but nobody sees that it is not the Latin one.
    """
    latin = code.translate(_AS_LATIN)
    return latin if latin != code and not _OTHER_SCRIPT.search(latin) else ""


def _check_letters(text: str, what: str) -> None:
    for word in _WORD.findall(text):
        others = _OTHER_SCRIPT.findall(word)
        if others and _LATIN.search(word) and _LOOKS_LATIN.issuperset(others):
            raise BadCell(
                RejectReason.MIXED_LETTERS,
                f"The {what} {shown(text)!r} has letters of two alphabets that look alike"
                f" ({', '.join(dict.fromkeys(others))} is not Latin). Type it anew.",
            )
