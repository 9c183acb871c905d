"""The rule of state and country/territory picklists: names and codes of an address are kept in step, from the lists."""

from __future__ import annotations

from prm.sandbox.kit.errors import SandboxError
from prm.sandbox.records.models import Change
from prm.sandbox.schema.models import Choice, Field
from prm.sandbox.schema.persons import IS_PERSON

PREFIXES = ("Billing", "Shipping", "Mailing", "PersonMailing")


def settle(change: Change, default_country: str = "") -> None:
    """Fill in what follows from what was given; raise SandboxError for what is in no list, and a state without a country.

    Of a new record a code goes before a name; later both must agree.
    """
    for prefix in PREFIXES:
        if f"{prefix}CountryCode" in change.entity.fields:
            is_open = change.old is None and (prefix != "PersonMailing" or change.row[IS_PERSON])
            _settle(change, prefix, default_country if is_open else "")


def _settle(change: Change, prefix: str, default_country: str) -> None:
    country, state = f"{prefix}Country", f"{prefix}State"
    if default_country and change.row[country] is None and change.row[f"{country}Code"] is None:
        change.row[f"{country}Code"] = default_country
        change.given.add(f"{country}Code")
    _settle_one(change, country, None)
    code = change.row[f"{country}Code"]
    if code is None and not {state, f"{state}Code"} & change.given:
        # Taking the country away takes the state away.
        change.row[state] = change.row[f"{state}Code"] = None
    _settle_one(change, state, str(code) if code is not None else None)


def _settle_one(change: Change, name: str, country: str | None) -> None:
    """Bring name and code of one part into step; `country` is that of a state, which is looked up within it."""
    row, is_state = change.row, name.endswith("State")
    field = change.entity.fields[f"{name}Code"]
    by_code, by_name = field.name in change.given, name in change.given
    if not by_code and not by_name and not (is_state and change.moved(f"{name[:-5]}CountryCode")):
        return
    if row[name] is None and row[field.name] is None:
        return
    if (by_code and row[field.name] is None and not by_name) or (
        by_name and row[name] is None and not by_code
    ):
        row[name] = row[field.name] = None
        return
    if is_state and country is None:
        raise _refused(
            name,
            f"A country/territory must be specified before specifying a state value for field: {_label(name)}",
        )
    found = _found(field, row[field.name] if by_code or not by_name else None, row[name], country)
    if found is None:
        raise _refused(field.name, _problem("state" if is_state else "country/territory", name))
    if change.old is not None and by_code and by_name and str(row[name]).lower() != found.label.lower():
        raise _refused(field.name, f"{_label(name)} and its code do not agree: {row[name]}, {found.value}")
    row[field.name], row[name] = found.value, found.label


def _found(field: Field, code: object, name: object, country: str | None) -> Choice | None:
    known = [each for each in field.choices if each.active and (country is None or country in each.valid_for)]
    if code is not None:
        return next((each for each in known if each.value.lower() == str(code).lower()), None)
    return next((each for each in known if each.label.lower() == str(name).lower()), None)


def _label(name: str) -> str:
    return f"{name[:-5]} State/Province" if name.endswith("State") else f"{name[:-7]} Country/Territory"


def _problem(what: str, name: str) -> str:
    return (
        f"There's a problem with this {what}, even though it may appear correct. Please select a {what} from the list of "  # nosec B608 # words, no SQL
        f"valid {'states' if what == 'state' else 'countries/territories'}.: {_label(name)}"
    )


def _refused(field: str, message: str) -> SandboxError:
    return SandboxError("FIELD_INTEGRITY_EXCEPTION", message, fields=[field])
