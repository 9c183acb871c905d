"""Person accounts: what an account has then, and which fields of it are which of the contact behind it."""

from __future__ import annotations

from prm.sandbox.schema.fields import CLOSED, address, choice, day, flag, phone, ref, text
from prm.sandbox.schema.models import Entity, Field

IS_PERSON = "IsPersonAccount"
NAMES = ("FirstName", "LastName", "Salutation")
_OF_CONTACT = ("Email", "MobilePhone", "Title", "Department", "LeadSource", "Birthdate")
_MAILING = "PersonMailing"


def account_fields() -> list[Field]:
    """Return what an account has beside its own fields."""
    return [
        flag(IS_PERSON, label="Is Person Account", **CLOSED),
        ref("PersonContactId", "Contact", **CLOSED),
        text("FirstName", 40),
        text("LastName", 80),
        choice("Salutation", "Mr.", "Ms.", "Mrs.", "Dr.", "Prof."),
        Field("PersonEmail", "email", length=80),
        phone("PersonMobilePhone"),
        text("PersonTitle", 128),
        text("PersonDepartment", 80),
        choice("PersonLeadSource", "Web", "Phone Inquiry", "Partner Referral", "Other"),
        day("PersonBirthdate"),
        *address(_MAILING),
    ]


def contact_fields() -> list[Field]:
    """Return what says that a contact is the one behind a person account."""
    return [flag(IS_PERSON, label="Is Person Account", **CLOSED)]


def is_of_persons(name: str) -> bool:
    """Whether a field of an account is one of person accounts only."""
    return name in NAMES or (name.startswith("Person") and name != "PersonContactId")


def of_contact(account: Entity) -> dict[str, str]:
    """Return fields of the contact behind a person account by those of the account."""
    found = {name: name for name in NAMES} | {f"Person{name}": name for name in _OF_CONTACT}
    found |= {name: name.removeprefix("Person") for name in account.fields if name.startswith(_MAILING)}
    return {**found, "Phone": "Phone", "OwnerId": "OwnerId"}
