"""The columns by which a list names a partner, and how its rows' partners are found; for every app's lists."""

from collections.abc import Callable, Mapping, Sequence
from typing import Final

from partners.directory.codes import is_npi, normalise, npi_of
from partners.directory.schemes import plain_key
from partners.evidence.keys import digits_key, email_key, name_key, phone_key, place_key
from partners.evidence.queries import recognise
from partners.evidence.rules import Clues, Known, Verdict
from partners.evidence.sql import words_of_names
from partners.kinds.queries import partner_words
from prm.bringing import Candidate, Column, Match, Row, Type
from prm.core.words.spelling import written_out

_OF: Final = (
    "partner",
    "provider",
    "agent",
    "dealer",
    "referrer",
    "physician",
    "doctor",
    "account",
    "customer",
    "client",
)

#: How lists call somebody whose name follows.
PARTNER_WORDS: Final = (
    *_OF,
    *(f"{word}name" for word in _OF),
    *(f"{word}s" for word in _OF),
    "kunde",
    "kundenname",
    "arzt",
    "zuweiser",
    "vermittler",
)
#: How any list says which partner a row belongs to; the keys begin with `partner_`.
PARTNER_COLUMNS: Final = (
    Column(key="partner_id", label="Partner id", type=Type.ID, headings=("prmid", "partnerid"), is_clue=True),
    Column(
        key="partner_npi",
        label="NPI of the partner",
        type=Type.CODE,
        headings=("npi", "partnernpi", "providernpi", "physiciannpi"),
        is_clue=True,
    ),
    Column(
        key="partner_code",
        label="Partner code",
        type=Type.CODE,
        headings=(
            "code", "referralcode", "partnercode", "agentnumber", "agentno", "dealernumber", "dealerno", "customernumber",
            "customerno", "customerid", "accountnumber", "kundennummer", "nummer", "partnernummer", "vermittlernummer",
            "kundennr", "partnernr", "zuweisernummer",
        ),
        longest=120,
        is_clue=True,
    ),
    Column(
        key="partner_name",
        label="Partner",
        headings=(*PARTNER_WORDS, "practice", "practicename", "praxis", "firma"),
        called=partner_words,
        is_clue=True,
    ),
    Column(
        key="partner_city",
        label="City of the partner",
        headings=("city", "partnercity", "town", "ort", "stadt", "ville", "ciudad"),
        longest=120,
        is_clue=True,
    ),
    Column(
        key="partner_email",
        label="E-mail of the partner",
        type=Type.EMAIL,
        headings=("partneremail", "provideremail", "agentemail", "dealeremail"),
        is_clue=True,
    ),
)  # fmt: skip
#: One of these is needed to tell whose a row is.
PARTNER_CLUES: Final = ("partner_id", "partner_npi", "partner_code", "partner_name", "partner_email")


def clues_of(rows: Sequence[Row], prefix: str) -> list[Clues]:
    """Return what rows say of a partner, in columns whose keys begin so; one query."""
    names = [row.values.get(f"{prefix}name", "") for row in rows]
    # Without them the second half is empty, and costs nothing.
    out = [text if (text := written_out(name)) != name else "" for name in names]
    words = words_of_names([*names, *out])
    found = []
    for row, named, other in zip(rows, words[: len(rows)], words[len(rows) :], strict=True):
        said = {key: row.values.get(f"{prefix}{key}", "") for key in _CLUES}
        found.append(
            Clues(
                id=said["id"],
                npi=npi_of(said["npi"]),
                tax_id=digits_key(normalise(said["tax_id"])),
                code=(plain_key(said["scheme"]), normalise(said["code"] or _code_in_name(said["name"]))),
                email=email_key(said["email"]),
                phone=phone_key(said["phone"]),
                words=name_key(named),
                written_out=name_key(other),
                city=place_key(said["city"]),
            )
        )
    return found


def _code_in_name(name: str) -> str:
    """Return a name that may be a code: one word with figures, as lists have it that name partners by their codes."""
    return name if len(name.split()) == 1 and any(sign.isdecimal() for sign in name) else ""


_CLUES: Final = ("id", "name", "npi", "tax_id", "scheme", "code", "email", "phone", "city")


def problem_of(row: Row, prefix: str) -> tuple[str, str]:
    """Return the column and what is wrong with the clues of a row, two empty texts for nothing."""
    npi = npi_of(row.values.get(f"{prefix}npi", ""))
    if npi and not is_npi(npi):
        return (
            f"{prefix}npi",
            f"{npi} is no NPI: ten digits, the last of them a check digit. Look for a typing slip.",
        )
    return "", ""


def candidates_of(verdict: Verdict) -> tuple[Candidate, ...]:
    """Return the partners to decide between."""
    return tuple(
        Candidate(known.id, known.name, known.note, evidence) for known, evidence in verdict.candidates
    )


def find_owners(
    rows: Sequence[Row], then: Callable[[Sequence[tuple[Row, str, str]]], Sequence[Match]]
) -> list[Match]:
    """Return what rows mean that belong to a partner.

    First the partner is found, for certain or because a person has decided it; `then` is given those rows with the id of
    the partner and the sentence why, and says what each means. Others wait for a decision, or are rejected.
    """
    clues = clues_of(rows, "partner_")
    verdicts = recognise(clues, among=None)
    decided = _decided(rows)
    matches: dict[int, Match] = {}
    certain: list[tuple[int, tuple[Row, str, str]]] = []
    for place, (row, asked, verdict) in enumerate(zip(rows, clues, verdicts, strict=True)):
        field, problem = problem_of(row, "partner_")
        if row.decided in decided:
            certain.append((place, (row, row.decided, "Decided by hand.")))
        elif problem:
            matches[place] = Match(problem=problem, field=field)
        elif verdict.partner:
            certain.append((place, (row, verdict.partner.id, verdict.reason)))
        elif verdict.candidates:
            matches[place] = Match(candidates=candidates_of(verdict), reason=verdict.reason)
        else:
            matches[place] = Match(problem=_nobody(row, asked))
    answers = then([one for _, one in certain]) if certain else ()
    for (place, _), match in zip(certain, answers, strict=True):
        matches[place] = match
    return [matches[place] for place in range(len(rows))]


def _decided(rows: Sequence[Row]) -> Mapping[str, Known]:
    """Return the partners that people have decided for; one that is gone is none."""
    asked = [Clues(id=row.decided) for row in rows if row.decided and row.decided != "new"]
    if not asked:
        return {}
    return {verdict.partner.id: verdict.partner for verdict in recognise(asked) if verdict.partner}


def _nobody(row: Row, asked: Clues) -> str:
    if asked.are_none:
        return "The row does not say whose it is: it has no code, NPI, e-mail or name of a partner."
    said = [row.values[key] for key in PARTNER_CLUES if row.values.get(key)]
    return f"Nobody here is called {', '.join(said)}. Bring the partners first, then these rows again."
