"""The people at a partner as Salesforce contacts of its account.

Their names are one text here and two fields there (`names.py`). A contact that is removed here stays there: it is not counted, and
campaigns and visits of theirs hang on it. A person account has no contacts: who is at such a partner rests here.
"""

from collections.abc import Mapping as Mapped
from collections.abc import Sequence
from typing import Final
from uuid import UUID

from partners.contacts.evidence import recognise
from partners.contacts.models import Contact
from partners.contacts.names import renamed, says_same, split
from partners.contacts.service import revise_contacts
from partners.directory.models import Partner
from partners.directory.queries import living
from prm.core.errors import Refused
from prm.mapping import (
    Adopt,
    Direction,
    Field,
    Found,
    Kind,
    Mapping,
    Normal,
    Parent,
    Recognised,
    Together,
    Touch,
    Values,
)

_COLUMNS: Final = ("name", "role", "phone", "email", "is_preferred", "partner_id")
_TEXTS: Final = ("role", "phone", "email")
_OF_A_PARTNER: Final = (
    "SELECT c.id FROM partners_contact c WHERE c.tenant_id = r.tenant_id AND c.partner_id = r.id"
)


def read(ids: Sequence[UUID]) -> dict[UUID, Values]:
    """Return the present values of contacts, with the rep of their partner (one query)."""
    found: dict[UUID, Values] = {}
    rows = Contact.objects.filter(pk__in=ids).select_related("partner")
    for one in rows.only(*_COLUMNS, "partner__rep_id"):
        name = split(one.name)
        found[one.pk] = {
            "first_name": name.first,
            "last_name": name.last,
            "salutation": _salutation(name.before),
            "role": one.role,
            "phone": one.phone,
            "email": one.email,
            "is_preferred": one.is_preferred,
            "rep": one.partner.rep_id,
            "partner": one.partner_id,
        }
    return found


_SALUTATIONS: Final = {
    "mr": "Mr.",
    "mrs": "Mrs.",
    "ms": "Ms.",
    "dr": "Dr.",
    "prof": "Prof.",
    "professor": "Prof.",
}
"""Titles as Salesforce's own list has them."""


def _salutation(titles: str) -> str:
    """Return the first of somebody's titles, of which a contact there has one; "" for none."""
    first = titles.partition(" ")[0]
    return _SALUTATIONS.get(first.rstrip(".").lower(), first)


def _offers() -> list[Field]:
    return [Field(here="salutation", there="", label="Salutation", kind=Kind.PICKLIST)]


def apply(changes: Mapped[UUID, Values]) -> None:
    """Write what changed in Salesforce, all or none. Raises Refused."""
    partners = living(one.get("partner") for one in changes.values())
    renames = [pk for pk, one in changes.items() if {"first_name", "last_name"} & one.keys()]
    names = dict(Contact.objects.filter(pk__in=renames).values_list("pk", "name")) if renames else {}
    revise_contacts({pk: _changes(one, names.get(pk, ""), partners) for pk, one in changes.items()})


def _changes(values: Values, name: str, partners: Mapped[object, Partner]) -> dict[str, object]:
    changes: dict[str, object] = {key: values[key] or "" for key in _TEXTS if key in values}
    if {"first_name", "last_name"} & values.keys():
        first, last = (
            str(values[key] or "") if key in values else None for key in ("first_name", "last_name")
        )
        changes["name"] = renamed(name, first, last)
    if "partner" in values:
        if values["partner"] not in partners:
            raise Refused("A contact belongs to a partner here.", field="partner", code="required")
        changes["partner"] = partners[values["partner"]]
    return changes


def _same_name(ours: Sequence[Normal], theirs: Sequence[Normal]) -> bool:
    one, other = (" ".join(str(part) for part in parts if part) for parts in (ours, theirs))
    return says_same(one, other)


def recognise_contacts(rows: Sequence[Found]) -> list[Recognised]:
    """Return whom of ours each contact there is, or may be (two queries for any number)."""
    return [
        Recognised.of(is_certain=each.is_certain, some=each.some, doubt=each.doubt)
        for each in recognise(rows)
    ]


CONTACT: Final = Mapping(
    key="partners.contact",
    singular="contact",
    plural="contacts",
    sobject="Contact",
    there_words="Contact",
    url_name="partners:contact-edit",
    read=read,
    apply=apply,
    offers=_offers,
    together=Together(fields=("first_name", "last_name"), same=_same_name),
    adopt=Adopt(
        clues={"name": "Name", "email": "Email", "phone": "Phone", "mobile": "MobilePhone", "title": "Title"},
        keys={},
        within="partner",
        recognise=recognise_contacts,
    ),
    parents=(
        Parent(
            here="partner",
            there="AccountId",
            mapping="partners.partner",
            label="Partner",
            direction=Direction.BOTH,
            column="r.partner_id",
            persons=False,
        ),
    ),
    fields=(
        # Salesforce takes a last name of 80 characters and a first one of 40; here the name stays whole.
        Field(here="last_name", there="LastName", length=80, cut=True, direction=Direction.BOTH),
        Field(here="first_name", there="FirstName", length=40, cut=True, direction=Direction.BOTH),
        Field(here="role", there="Title", length=128, direction=Direction.BOTH),
        Field(here="phone", there="Phone", kind=Kind.PHONE, length=40, direction=Direction.BOTH),
        Field(here="email", there="Email", kind=Kind.EMAIL, label="E-mail", direction=Direction.BOTH),
        # One at each partner: a rule that Salesforce cannot keep, so it is only told.
        Field(here="is_preferred", there="PRM_Preferred__c", kind=Kind.FLAG, label="Preferred contact"),
        # Whose account it is, his contact it begins as; there it goes along with the account, or to whom they give it.
        Field(here="rep", there="OwnerId", kind=Kind.OWNER, label="Owner", length=18, once=True),
    ),
    touched_by=(
        Touch(table="partners_contact", watch=_COLUMNS),
        Touch(table="partners_partner", watch=("rep_id", "kind"), records=_OF_A_PARTNER),
    ),
)
