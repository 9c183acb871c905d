"""Contacts from a list (`prm.bringing`): people at partners."""

from collections.abc import Collection, Mapping, Sequence
from typing import Final
from uuid import UUID

from partners.contacts import service
from partners.contacts.models import Contact
from partners.evidence.columns import PARTNER_CLUES, PARTNER_COLUMNS, find_owners
from partners.evidence.keys import email_key, name_key
from partners.evidence.sql import words_of_names
from prm.accounts.rights import Right
from prm.bringing import Change, Column, Kind, Match, Row, Type, Values

_PLAIN: Final = ("name", "role", "phone", "email")


def _find(rows: Sequence[Row]) -> Sequence[Match]:
    return find_owners(rows, _at_partners)


def _at_partners(rows: Sequence[tuple[Row, str, str]]) -> list[Match]:
    """Return which people rows mean at the partners that were found: by e-mail, else by name (two queries)."""
    known = list(Contact.objects.filter(partner_id__in={about for _, about, _ in rows}))
    words = words_of_names(
        [*(one.name for one in known), *(row.values.get("name", "") for row, _, _ in rows)]
    )
    by: dict[tuple[str, ...], Contact] = {}
    for one, named in zip(known, words, strict=False):
        by.setdefault((str(one.partner_id), "name", *sorted(name_key(named))), one)
        if one.email:
            by.setdefault((str(one.partner_id), "email", email_key(one.email)), one)
    return [
        _match(row, about, reason, frozenset(named), by)
        for (row, about, reason), named in zip(rows, words[len(known) :], strict=True)
    ]


def _match(
    row: Row, about: str, reason: str, words: frozenset[str], by: Mapping[tuple[str, ...], Contact]
) -> Match:
    name, email = sorted(name_key(words)), email_key(row.values.get("email", ""))
    contact = by.get((about, "email", email)) if email else None
    found_by = "e-mail" if contact else "name"
    contact = contact or (by.get((about, "name", *name)) if name else None)
    keys = tuple(f"{about}:{what}" for what in (email, " ".join(name)) if what)
    if contact is None:
        return Match(about=about, reason=reason, keys=keys)
    return Match(
        target=str(contact.pk), name=contact.name, by=found_by, about=about, keys=keys, current=_values(contact),
        reason=f"{reason} The same {found_by} there.",
    )  # fmt: skip


def _values(contact: Contact) -> dict[str, str]:
    values = {key: str(getattr(contact, key)) for key in _PLAIN}
    return values | {"is_preferred": "yes" if contact.is_preferred else "no"}


def _details(values: Values) -> dict[str, object]:
    details: dict[str, object] = {key: values[key] for key in _PLAIN if key in values}
    return details | ({"is_preferred": values["is_preferred"] == "yes"} if "is_preferred" in values else {})


def _create(values: Values, about: str) -> UUID:
    rest = _details({key: value for key, value in values.items() if key != "name"})
    return service.add_contact(UUID(about), name=values["name"], **rest).pk


def _create_many(rows: Sequence[tuple[Values, str]]) -> list[UUID]:
    made = service.add_contacts([(UUID(about), _details(values)) for values, about in rows])
    return [contact.pk for contact in made]


def _update(contact_id: UUID, changed: Values, said: Values) -> None:
    del said
    service.change_contact(contact_id, **_details(changed))


def _restore(contact_id: UUID, changes: Mapping[str, Change], said: Values) -> None:
    del said
    service.change_contact(contact_id, **_details({key: old for key, (old, _) in changes.items()}))


def _present(ids: Collection[UUID]) -> Mapping[UUID, Values]:
    return {contact.pk: _values(contact) for contact in Contact.objects.filter(pk__in=ids)}


def _depends(ids: Collection[UUID]) -> Mapping[UUID, str]:
    met = Contact.objects.filter(pk__in=ids, visits__isnull=False).values_list("pk", flat=True)
    return dict.fromkeys(met, "visits with them")


KINDS = [
    Kind(
        key="contacts",
        nouns=lambda: ("contact", "contacts"),
        summary="People at a partner: name, role, phone, e-mail, several for each.",
        rights=(Right.IMPORT_RUN, Right.PARTNER_EDIT),
        columns=(
            Column(
                key="name",
                label="Name",
                headings=(
                    "contact",
                    "contactname",
                    "contactperson",
                    "person",
                    "ansprechpartner",
                    "kontakt",
                    "kontaktperson",
                    "fullname",
                ),
                needed=True,
            ),
            Column(
                key="role",
                label="Role",
                headings=("title", "jobtitle", "position", "function", "funktion", "rolle", "aufgabe"),
                longest=120,
            ),
            Column(
                key="phone",
                label="Phone",
                type=Type.PHONE,
                headings=("telephone", "mobile", "tel", "telefon", "telefonnummer", "durchwahl", "handy"),
                longest=40,
            ),
            Column(
                key="email",
                label="E-mail",
                type=Type.EMAIL,
                headings=("email", "mail", "contactemail", "emailadresse", "mailadresse"),
            ),
            Column(
                key="is_preferred",
                label="Preferred",
                type=Type.YES_NO,
                headings=("primary", "main", "first", "bevorzugt", "hauptansprechpartner"),
            ),
            *PARTNER_COLUMNS,
        ),
        clues=PARTNER_CLUES,
        picker="partners",
        is_about=True,
        order=20,
        find=_find,
        create=_create,
        create_many=_create_many,
        update=_update,
        restore=_restore,
        remove=service.remove_contact,
        present=_present,
        depends=_depends,
    ),
]
