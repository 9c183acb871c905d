"""What rests, as people read it: since when, why, and what an administrator there must click."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from prm.mapping import Field, Kind, Mapping
from prm.salesforce.mapping import registry
from prm.salesforce.shapes.models import ObjectShape
from prm.salesforce.shapes.rules import OBJECT, Why

PERMISSION_SET = "PRM sync"
"""The label of the permission set that the set-up makes there."""


@dataclass(frozen=True, slots=True)
class Resting:
    """One field, or with `field` "" one object, that is not kept in step at present.

    `name` is what people call it, `label` the object as they do there, `words` says what is wrong, `advice` what to click in Salesforce. `writes_only`: changes
    from there still come here.
    """

    sobject: str
    field: str
    name: str
    label: str
    why: str
    words: str
    advice: str
    since: datetime
    writes_only: bool


def rests() -> list[Resting]:
    """Return what rests in the tenant in scope, objects before fields, the longest first."""
    found = []
    for shape in ObjectShape.objects.exclude(rests={}):
        for name, rest in shape.rests.items():
            one = next((m for m in registry.mappings().values() if m.sobject == shape.sobject), None)
            if one is not None:
                since = datetime.fromisoformat(rest["since"])
                found.append(_resting(shape, one, name, Why(rest["why"]), since))
    return sorted(found, key=lambda each: (each.field != OBJECT, each.since, each.field))


def _resting(shape: ObjectShape, mapping: Mapping, name: str, why: Why, since: datetime) -> Resting:
    label = shape.facts.get("label") or mapping.there_words.split(",")[0] or shape.sobject
    if name == OBJECT:
        title, (words, advice) = label, _object_words(label, shape.sobject, why)
    else:
        column = _column(shape.sobject, name)
        is_key = name == mapping.external_id
        title = f"{'PRM Id' if is_key else column.words if column else name}"
        words, advice = _field_words(label, name, column, why)
        if why is Why.UNSEEN:
            advice = _SETTINGS.get((shape.sobject, name), advice)
        if is_key:
            words = f"{words} It is the key of all records, so nothing of this object is exchanged."
    return Resting(
        shape.sobject,
        name,
        title,
        label,
        why.value,
        words,
        advice,
        since,
        why in (Why.READ_ONLY, Why.NOT_MADE),
    )


def _column(sobject: str, name: str) -> Field | None:
    columns = (one for m in registry.mappings().values() if m.sobject == sobject for one in m.columns)
    return next((one for one in columns if one.there == name), None)


_ALSO = {
    "Campaign": " The integration user needs Marketing User as well: Setup → Users → the user → Edit.",
    "CampaignMember": " Its records are seen with their campaign, and the integration user needs Marketing User: Setup → "
    "Users → the user → Edit.",
}
"""What some objects of Salesforce ask for beside the permission set."""

_SETTINGS = {
    (
        "CampaignMember",
        "AccountId",
    ): "Setup → Quick Find → Accounts as Campaign Members: enable it, so that an account can be a "
    "member of a campaign. Until then no members are sent; campaigns are."
}
"""Fields that are there only where an organisation has turned something on."""


def _object_words(label: str, sobject: str, why: Why) -> tuple[str, str]:
    words, advice = _rights_words(label, sobject, why)
    return words, advice + _ALSO.get(sobject, "")


def _rights_words(label: str, sobject: str, why: Why) -> tuple[str, str]:
    path = f"Setup → Permission Sets → {PERMISSION_SET} → Object Settings → {label}"
    if why is Why.UNSEEN:
        return (
            f"Salesforce does not show us the object {sobject}.",
            f"{path}: tick Read, Create, Edit and Delete. If the object was deleted, run the set-up here.",
        )
    if why is Why.READ_ONLY:
        return "We may read its records and not change them.", f"{path}: tick Edit."
    return "We may change its records and not make new ones.", f"{path}: tick Create."


def _field_words(label: str, name: str, column: Field | None, why: Why) -> tuple[str, str]:
    field = f"Setup → Object Manager → {label} → Fields & Relationships → {name}"
    rights = f"Setup → Permission Sets → {PERMISSION_SET} → Object Settings → {label} → {name}"
    if why is Why.UNSEEN:
        again = "run the set-up here" if name.endswith("__c") else f"give it the name {name} again"
        return (
            "It is hidden from us, renamed or deleted.",
            f"{rights}: tick Read Access and Edit Access. If it was renamed or deleted, {again}.",
        )
    if why is Why.TYPE:
        kind = column.kind if column else Kind.TEXT
        return (
            "It has become a field of another type.",
            f"{field} → Edit → Change Field Type: {kind.value}. Or keep it, and give its values another field.",
        )
    return (
        "We may read it and not change it.",
        f"{rights}: tick Edit Access. A formula cannot be changed: then leave it, and nothing is sent.",
    )
