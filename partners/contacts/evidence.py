"""Whom of ours a contact there is: by e-mail, phone and name, among the people of the partner whose account it is at."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias
from uuid import UUID

from django.db.models import Q
from django.db.models.functions import Lower

from partners.contacts.models import Contact
from partners.evidence.keys import email_key, name_key, phone_key
from partners.evidence.likeliest import Verdict, Weighed, choose
from partners.evidence.sql import words_of_names

_COLUMNS: Final = ("name", "email", "phone", "partner_id", "partner__name")


Row: TypeAlias = Mapping[str, str]
"""Somebody elsewhere: `name`, `email`, `phone`, `mobile`; `partner` has the ids of the partners whose account it is at, blanks
between, and `at` says whether that is settled ("ours"), or nobody at all ("")."""


@dataclass(frozen=True, slots=True)
class Clues:
    """What is known of somebody, in the forms in which it is compared."""

    words: frozenset[str]
    email: str
    phones: frozenset[str]

    @classmethod
    def of(cls, words: frozenset[str], email: str, *phones: str) -> "Clues":
        """Return the clues of a name's words, an address and phones."""
        return cls(
            name_key(words) if words else frozenset(),
            email_key(email),
            frozenset(filter(None, map(phone_key, phones))),
        )


def weigh(theirs: Clues, ours: Clues) -> Weighed | None:
    """Return what speaks for two at one account being one person; `None` for nothing."""
    same_mail, other_mail = _compared(theirs.email, ours.email)
    same_phone = bool(theirs.phones & ours.phones)
    same_name = bool(ours.words) and theirs.words == ours.words
    in_part = bool(theirs.words & ours.words)
    if same_mail and in_part:
        agrees = "The name agrees." if same_name else "The name agrees in part."
        return Weighed(6 if same_name else 5, f"Same e-mail. {agrees}")
    if same_name and not other_mail:
        return Weighed(
            4 if same_phone else 3, "Same name and phone." if same_phone else "Same name at the same account."
        )
    if same_mail:
        return Weighed(2, "Same e-mail.", "Same e-mail, another name")
    if same_name:
        return Weighed(2, "Same name at the same account.", "Same name, another e-mail")
    if same_phone and in_part and not other_mail:
        return Weighed(1, "Same phone. The name agrees in part.", "Same phone, another name")
    return None


def _compared(theirs: str, ours: str) -> tuple[bool, bool]:
    """Return whether two addresses are the same, and whether they are two."""
    return bool(theirs) and theirs == ours, bool(theirs and ours) and theirs != ours


def recognise(rows: Sequence[Row]) -> list[Verdict[Contact]]:
    """Return whom of ours each contact there is, or may be (two queries for any number)."""
    known = _known(rows)
    words = words_of_names([*(one.name for one in known), *(row.get("name", "") for row in rows)])
    ours = {one.pk: Clues.of(named, one.email, one.phone) for one, named in zip(known, words, strict=False)}
    by_partner: dict[str, list[Contact]] = defaultdict(list)
    by_mail: dict[str, list[Contact]] = defaultdict(list)
    for one in known:
        by_partner[str(one.partner_id)].append(one)
        by_mail[email_key(one.email)].append(one)
    found = []
    for row, named in zip(rows, words[len(known) :], strict=True):
        theirs = Clues.of(named, row.get("email", ""), row.get("phone", ""), row.get("mobile", ""))
        near = [one for partner in row.get("partner", "").split() for one in by_partner[partner]]
        within = choose([(one, weigh(theirs, ours[one.pk])) for one in near], at=row.get("at", ""))
        far = by_mail[theirs.email] if theirs.email else []
        found.append(within or _elsewhere(row, theirs, far, ours))
    return found


def _known(rows: Sequence[Row]) -> list[Contact]:
    """Return the people at these partners, and those of these addresses wherever they are."""
    partners = {partner for row in rows for partner in row.get("partner", "").split()}
    mails = {email_key(row["email"]) for row in rows if row.get("email")}
    contacts = Contact.objects.annotate(mail=Lower("email")).select_related("partner").only(*_COLUMNS)
    return list(contacts.filter(Q(partner_id__in=partners) | Q(mail__in=mails)).order_by("pk"))


def _elsewhere(
    row: Row, theirs: Clues, far: Sequence[Contact], ours: Mapping[UUID, Clues]
) -> Verdict[Contact]:
    """Return who has this address and this name at another partner: they may have moved, and a person says so."""
    same = [one for one in far if ours[one.pk].words == theirs.words and theirs.words]
    where = "at another account" if row.get("at") else "without an account"
    if not same:
        return Verdict(doubt="" if row.get("at") else "Without an account")
    reason = f"Same e-mail and name. In Salesforce {where}"
    return Verdict(
        some=tuple((one, f"{reason}, here at {one.partner.name}.") for one in same),
        doubt=f"Same e-mail and name, {where}",
    )
