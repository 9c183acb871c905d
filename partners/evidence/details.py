"""What a list may say of a partner itself, as columns (`prm.bringing`): its codes, and its details."""

from collections.abc import Collection, Mapping
from typing import Final

from partners.evidence.members import members_meant
from partners.evidence.organisations import organisations_meant
from prm.bringing import Column, Found, Type
from prm.core.words.countries import country_code, country_name


def countries_meant(words: Collection[str]) -> Mapping[str, Found]:
    """Return the countries that codes or names mean, in any of several languages."""
    return {word: _country(word, country_code(word)) for word in words}


def _country(word: str, code: str) -> Found:
    if not code:
        return Found(problem=f"{word} is no country that is known here. Write its name or its code.")
    return Found(code, country_name(code))


CODES: Final = (
    Column(key="npi", label="NPI", type=Type.CODE, headings=("npinumber", "nationalprovideridentifier"), adds=True),
    Column(
        key="code",
        label="Referral code",
        type=Type.CODE,
        headings=(
            "code", "codes", "partnercode", "agentnumber", "agentno", "dealernumber", "dealerno", "customernumber",
            "customerno", "customerid", "accountnumber", "kundennummer", "nummer", "partnernummer", "vermittlernummer",
            "kundennr", "partnernr", "zuweisernummer",
        ),
        longest=120,
        adds=True,
    ),
    Column(key="scheme", label="Whose code", headings=("codescheme", "system", "nummernkreis"), longest=60, is_clue=True),
    Column(
        key="tax_id",
        label="Tax id",
        type=Type.CODE,
        headings=("taxid", "tin", "ein", "vat", "vatid", "taxnumber", "ustid", "ustidnr", "umsatzsteuerid", "steuernummer", "siret", "nif"),
        longest=120,
        adds=True,
    ),
)  # fmt: skip
DETAILS: Final = (
    Column(key="specialty", label="Specialty", headings=("speciality", "fachgebiet", "fachrichtung", "discipline"), longest=120),
    Column(
        key="organisation",
        label="Organisation",
        type=Type.ROW,
        headings=("organization", "practice", "hospital", "agency", "belongsto", "group", "praxis", "klinik", "krankenhaus", "gehörtzu"),
        rows=organisations_meant,
    ),
    Column(key="city", label="City", headings=("town", "ort", "stadt", "wohnort", "ville", "ciudad", "billingcity"), longest=120),
    Column(
        key="region", label="Region", headings=("state", "province", "county", "bundesland", "gebiet", "billingstate"), longest=120
    ),
    Column(
        key="country", label="Country", type=Type.ROW, headings=("countrycode", "nation", "land", "staat", "pays", "pais", "país", "paese", "billingcountry", "billingcountrycode", "herkunftsland"),
        rows=countries_meant,
    ),
    Column(key="email", label="E-mail", type=Type.EMAIL, headings=("email", "mail", "emailaddress", "emailadresse", "mailadresse", "courriel")),
    Column(
        key="phone",
        label="Phone",
        type=Type.PHONE,
        headings=("telephone", "phonenumber", "tel", "telefon", "telefonnummer", "rufnummer", "handy", "mobil", "mobile"),
        longest=40,
    ),
    Column(key="website", label="Website", type=Type.URL, headings=("url", "web", "homepage", "internet", "webseite", "internetseite")),
    Column(
        key="rep",
        label="Rep",
        type=Type.ROW,
        headings=("representative", "salesrep", "owner", "accountowner", "liaison", "assignedto", "betreuer", "außendienst", "vertreter", "zuständig"),
        rows=members_meant,
    ),
    Column(key="tags", label="Tags", headings=("tag", "labels", "label", "schlagworte", "schlagwörter", "stichworte"), longest=1_000, adds=True),
    Column(key="notes", label="Notes", type=Type.LONG, headings=("note", "comment", "comments", "remarks", "bemerkung", "bemerkungen", "notiz", "notizen", "kommentar")),
    Column(key="is_active", label="Active", type=Type.YES_NO, headings=("active", "aktiv")),
)  # fmt: skip
