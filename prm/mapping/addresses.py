"""A state and its country where an organisation keeps both by lists: one goes with the other. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Mapping as Record

from prm.mapping.field import Field
from prm.mapping.places import Lists, Places
from prm.mapping.values import Normal

Fields = Iterable[Field]


def settle(
    places: Places | None, fields: Fields, noun: str, normal: dict[str, Normal], unfit: dict[str, str]
) -> None:
    """Find the state that a region here is, within its country; one that is none cannot go, and holds nothing else."""
    lists, (country, region) = places.lists if places else None, _pair(places, fields)
    said = normal.get(region.there) if region is not None else None
    if lists is None or region is None or not isinstance(said, str):
        return
    code = normal.get(country.there) if country is not None else None
    found = lists.state(code, said) if isinstance(code, str) else ""
    if found:
        normal[region.there] = f"{code}-{found}"
        return
    del normal[region.there]
    if country is None:
        unfit[region.there] = (
            f"{region.words}: it waits, since its country is not exchanged at present and Salesforce takes no state without it."
        )
    else:
        unfit[region.there] = _why(noun, lists, region, said, code if isinstance(code, str) else "")


def _why(noun: str, lists: Lists, region: Field, said: str, country: str) -> str:
    """Return why in one sentence. What many records have in common names none of them: it is one problem with a count."""
    if not country:
        return (
            f"{region.words}: it waits, since Salesforce takes a state only with its country. Give the {noun} "
            "a country, or say in the field mapping which one stands where none is."
        )
    name = lists.countries.get(country, country)
    if not lists.states.get(country):
        return f"{region.words}: Salesforce's list has no states of {name}, so it stays here. Nothing else waits for it."
    near = lists.nearest(country, said)
    meant = f" Write {near}." if near else ""
    return f"{region.words}: “{said}” is no state of {name} in Salesforce's list, and stays here.{meant}"


def together(
    places: Places | None, fields: Fields, diff: dict[str, Normal], agreed: Record[str, Normal]
) -> None:
    """Let a state go with its country only, and take away the one of another country where none of ours follows it."""
    country, region = _pair(places, fields)
    if country is None or region is None:
        return
    state, old = diff.get(region.there), agreed.get(region.there)
    going = diff.get(country.there, agreed.get(country.there))
    if isinstance(state, str) and going != state.partition("-")[0]:
        del diff[region.there]
    may_go = region.there not in diff and region.pushes and not region.closed
    if country.there in diff and may_go and isinstance(old, str) and old.partition("-")[0] != going:
        diff[region.there] = None


def _pair(places: Places | None, fields: Fields) -> tuple[Field | None, Field | None]:
    """Return country and region where the organisation keeps both by lists; None for what is not exchanged."""
    if places is None or places.lists is None:
        return None, None
    found = {one.here: one for one in fields if one.here}
    region = found.get(places.region)
    return found.get(places.country), region if region is not None and region.within else None
