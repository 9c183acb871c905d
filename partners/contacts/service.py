"""Every write to contacts."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction

from partners.contacts.models import Contact
from partners.directory.models import Partner
from prm.accounts.rights import Right
from prm.core.errors import Refused
from prm.tenancy.use_cases import requires

_EDITABLE = frozenset({"name", "role", "phone", "email", "is_preferred"})


@requires(Right.PARTNER_EDIT)
@transaction.atomic
def add_contact(partner_id: UUID, *, name: str, **details: object) -> Contact:
    """Add a person at a partner; the preferred one takes the place of the one before. Raises `Refused`."""
    if not Partner.objects.select_for_update(no_key=True).filter(pk=partner_id).exists():
        raise Refused("This partner does not exist any more.", code="not_found")
    contact = Contact(partner_id=partner_id)
    _save(contact, {"name": name, **details})
    return contact


@requires(Right.PARTNER_EDIT)
@transaction.atomic
def add_contacts(new: Sequence[tuple[UUID, Mapping[str, object]]]) -> list[Contact]:
    """Add many people, as (partner, fields), by the rules of `add_contact`; raises `Refused` and adds none."""
    asked = {partner_id for partner_id, _ in new}
    here = Partner.objects.select_for_update(no_key=True).filter(pk__in=asked).order_by("pk")
    if len(here) < len(asked):
        raise Refused("This partner does not exist any more.", code="not_found")
    contacts = []
    preferred: dict[UUID, Contact] = {}
    for partner_id, fields in new:
        contact = Contact(partner_id=partner_id)
        _fill(contact, fields)
        contacts.append(contact)
        if contact.is_preferred:
            if partner_id in preferred:
                preferred[partner_id].is_preferred = False
            preferred[partner_id] = contact
    Contact.objects.filter(partner_id__in=preferred, is_preferred=True).update(is_preferred=False)
    made: list[Contact] = Contact.objects.bulk_create(contacts)
    return made


@requires(Right.PARTNER_EDIT)
@transaction.atomic
def change_contact(contact_id: UUID, **changes: object) -> Contact:
    """Change what is known of a person; fields not named stay. Nothing to change writes nothing."""
    contact = _locked(contact_id)
    before = {field: getattr(contact, field) for field in changes}
    if before != changes:
        _save(contact, changes)
    return contact


@requires(Right.PARTNER_EDIT)
@transaction.atomic
def revise_contacts(changes: Mapping[UUID, Mapping[str, object]]) -> None:
    """Change many people, each by its own fields, also `partner`; a fixed number of queries. Raises `Refused`, changes none.

    Who goes to another partner is not the preferred one there where somebody else is.
    """
    found = Contact.objects.select_for_update(of=("self",)).filter(pk__in=changes).order_by("pk").in_bulk()
    touched: list[Contact] = []
    for pk, wanted in changes.items():
        if pk not in found:
            raise Refused("This contact does not exist any more.", code="not_found")
        contact = found[pk]
        fields = dict(wanted)
        if isinstance(partner := fields.pop("partner", None), Partner):
            contact.partner = partner
        _fill(contact, fields)
        touched.append(contact)
    _prefer_one(touched)
    Contact.objects.bulk_update(touched, [*sorted(_EDITABLE), "partner"])


def _prefer_one(contacts: Sequence[Contact]) -> None:
    """Leave each partner the preferred one it has, where others come to it (one query)."""
    coming = [one for one in contacts if one.is_preferred]
    others = Contact.objects.filter(partner_id__in={one.partner_id for one in coming}, is_preferred=True)
    known = dict(others.values_list("partner_id", "pk")) if coming else {}
    for one in coming:
        one.is_preferred = known.setdefault(one.partner_id, one.pk) == one.pk


@requires(Right.PARTNER_EDIT)
@transaction.atomic
def remove_contact(contact_id: UUID) -> None:
    """Take a person away; visits that were with them stay, without a name."""
    Contact.objects.filter(pk=contact_id).delete()


def _locked(contact_id: UUID) -> Contact:
    contact: Contact | None = Contact.objects.select_for_update().filter(pk=contact_id).first()
    if contact is None:
        raise Refused("This contact does not exist any more.", code="not_found")
    return contact


def _fill(contact: Contact, changes: Mapping[str, object]) -> None:
    if unknown := changes.keys() - _EDITABLE:
        raise TypeError(f"A contact has no editable field {min(unknown)!r}.")
    for field, value in changes.items():
        setattr(contact, field, value.strip() if isinstance(value, str) else value)
    try:
        contact.clean_fields(exclude={"id", "tenant", "partner"})
    except ValidationError as invalid:
        field, messages = next(iter(invalid.message_dict.items()))
        raise Refused(messages[0], field=field, code="invalid") from invalid


def _save(contact: Contact, changes: Mapping[str, object]) -> None:
    _fill(contact, changes)
    if contact.is_preferred:
        others = Contact.objects.filter(partner_id=contact.partner_id, is_preferred=True).exclude(
            pk=contact.pk
        )
        others.update(is_preferred=False)
    contact.save()
