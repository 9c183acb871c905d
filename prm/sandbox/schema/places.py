"""State and country/territory picklists: the lists, and the fields that hold their codes.

A part of Salesforce's own lists, with its names, some of which differ from those of everybody else.
"""

from __future__ import annotations

from prm.sandbox.schema.models import Choice, Field

COUNTRIES = {
    "AR": "Argentina", "AU": "Australia", "AT": "Austria", "BE": "Belgium", "BR": "Brazil", "CA": "Canada", "CL": "Chile",
    "CN": "China", "CZ": "Czech Republic", "DK": "Denmark", "FI": "Finland", "FR": "France", "DE": "Germany", "GR": "Greece",
    "HU": "Hungary", "IN": "India", "IE": "Ireland", "IL": "Israel", "IT": "Italy", "JP": "Japan",
    "KR": "Korea, Republic of", "LU": "Luxembourg", "MX": "Mexico", "NL": "Netherlands", "NZ": "New Zealand", "NO": "Norway",
    "PL": "Poland", "PT": "Portugal", "RO": "Romania", "RU": "Russian Federation", "SG": "Singapore", "ZA": "South Africa",
    "ES": "Spain", "SE": "Sweden", "CH": "Switzerland", "TR": "Turkey", "UA": "Ukraine", "AE": "United Arab Emirates",
    "GB": "United Kingdom", "US": "United States", "VN": "Viet Nam",
}  # fmt: skip

_US = (
    "AL Alabama|AK Alaska|AZ Arizona|AR Arkansas|CA California|CO Colorado|CT Connecticut|DE Delaware|DC District of Columbia|"
    "FL Florida|GA Georgia|HI Hawaii|ID Idaho|IL Illinois|IN Indiana|IA Iowa|KS Kansas|KY Kentucky|LA Louisiana|ME Maine|"
    "MD Maryland|MA Massachusetts|MI Michigan|MN Minnesota|MS Mississippi|MO Missouri|MT Montana|NE Nebraska|NV Nevada|"
    "NH New Hampshire|NJ New Jersey|NM New Mexico|NY New York|NC North Carolina|ND North Dakota|OH Ohio|OK Oklahoma|OR Oregon|"
    "PA Pennsylvania|RI Rhode Island|SC South Carolina|SD South Dakota|TN Tennessee|TX Texas|UT Utah|VT Vermont|VA Virginia|"
    "WA Washington|WV West Virginia|WI Wisconsin|WY Wyoming"
)
_CA = (
    "AB Alberta|BC British Columbia|MB Manitoba|NB New Brunswick|NL Newfoundland and Labrador|NT Northwest Territories|"
    "NS Nova Scotia|NU Nunavut|ON Ontario|PE Prince Edward Island|QC Quebec|SK Saskatchewan|YT Yukon Territories"
)
_AU = (
    "ACT Australian Capital Territory|NSW New South Wales|NT Northern Territory|QLD Queensland|SA South Australia|TAS Tasmania|"
    "VIC Victoria|WA Western Australia"
)


def _states(text: str) -> dict[str, str]:
    return dict(tuple(each.split(" ", 1)) for each in text.split("|"))  # type: ignore[misc]  # pairs, each of a code and a name


STATES = {"AU": _states(_AU), "CA": _states(_CA), "US": _states(_US)}
"""States by country; of one that is not named the lists have none."""


def code_fields(prefix: str) -> list[Field]:
    """Return the fields that hold the codes of an address; `judged` by the rule of places, not by their lists alone."""
    countries = tuple(Choice(code, label) for code, label in COUNTRIES.items())
    states = tuple(
        Choice(code, label, valid_for=(country,))
        for country, some in STATES.items()
        for code, label in some.items()
    )
    country = f"{prefix}CountryCode"
    return [
        Field(
            f"{prefix}StateCode", "picklist", f"{prefix} State/Province Code", length=10, choices=states, restricted=True,
            judged=True, controller=country,
        ),
        Field(
            country, "picklist", f"{prefix} Country/Territory Code", length=10, choices=countries, restricted=True,
            judged=True,
        ),
    ]  # fmt: skip
