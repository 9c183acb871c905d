"""Objects and fields as describe shows them."""

from __future__ import annotations

import base64
from collections.abc import Sequence

from prm.sandbox.kit.types import JsonObject
from prm.sandbox.schema.models import NUMBER_TYPES, TEXT_TYPES, Choice, Entity, Field

_SOAP = {
    "boolean": "xsd:boolean",
    "int": "xsd:int",
    "double": "xsd:double",
    "currency": "xsd:double",
    "percent": "xsd:double",
    "date": "xsd:date",
    "datetime": "xsd:dateTime",
    "id": "tns:ID",
    "reference": "tns:ID",
}


def entity_summary(entity: Entity, base: str, *, rights: dict[str, bool]) -> JsonObject:
    """Return the entry in describeGlobal. `base` is `/services/data/vNN.N`."""
    url = f"{base}/sobjects/{entity.name}"
    return {
        "activateable": False,
        "createable": entity.writable and rights["create"],
        "custom": entity.custom,
        "customSetting": False,
        "deletable": entity.writable and rights["delete"],
        "deprecatedAndHidden": False,
        "feedEnabled": False,
        "keyPrefix": entity.prefix,
        "label": entity.title,
        "labelPlural": entity.titles,
        "layoutable": not entity.setup,
        "mergeable": entity.mergeable,
        "mruEnabled": not entity.setup,
        "name": entity.name,
        "queryable": True,
        "replicateable": entity.replicateable,
        "retrieveable": True,
        "searchable": not entity.setup,
        "triggerable": not entity.setup,
        "undeletable": entity.recycles and not entity.fleeting and not entity.setup,
        "updateable": entity.writable and rights["edit"],
        "urls": {"sobject": url, "describe": f"{url}/describe", "rowTemplate": url + "/{ID}"},
    }


def field_description(field: Field, *, editable: bool, controlling: Sequence[str] = ()) -> JsonObject:
    """Return the entry in a describe answer; `editable` False removes the right to write.

    `controlling` are the values of the picklist on which it depends, in their order.
    """
    is_id = field.type in ("id", "reference")
    length = 18 if is_id else field.length if field.type in TEXT_TYPES else 0
    short, counted = not field.long_text, field.type in NUMBER_TYPES
    return {
        "aggregatable": short and field.type != "boolean",
        "autoNumber": False,
        "byteLength": length * 3,
        "calculated": field.calculated,
        "caseSensitive": field.case_sensitive,
        "compoundFieldName": None,
        "createable": field.createable and editable,
        "custom": field.custom,
        "defaultValue": field.default,
        "defaultedOnCreate": field.default is not None or field.type == "boolean",
        "deprecatedAndHidden": False,
        "digits": field.precision if field.type == "int" else 0,
        "encrypted": False,
        "externalId": field.external_id,
        "filterable": short,
        "groupable": short and not counted,
        "htmlFormatted": False,
        "idLookup": field.keyed,
        "inlineHelpText": field.help_text or None,
        "label": field.title,
        "length": length,
        "name": field.name,
        "nillable": field.nillable,
        "permissionable": not field.required and field.type != "id" and field.createable,
        "polymorphicForeignKey": len(field.reference_to) > 1,
        "precision": field.precision,
        "referenceTo": list(field.reference_to),
        "relationshipName": field.relationship or None,
        "scale": field.scale,
        "soapType": _SOAP.get(field.type, "xsd:string"),
        "sortable": short,
        "type": field.type,
        "unique": field.unique,
        "updateable": field.updateable and editable,
        **_list(field, controlling),
    }


def _list(field: Field, controlling: Sequence[str]) -> JsonObject:
    """Return what a description says of a picklist."""
    return {
        "controllerName": field.controller or None,
        "dependentPicklist": bool(field.controller),
        "picklistValues": [_choice(each, controlling) for each in field.choices],
        "restrictedPicklist": field.restricted,
    }


def _choice(choice: Choice, controlling: Sequence[str]) -> JsonObject:
    return {
        "active": choice.active,
        "defaultValue": choice.default,
        "label": choice.label or choice.value,
        "validFor": _bitmap(choice, controlling) if controlling else None,
        "value": choice.value,
    }


def _bitmap(choice: Choice, controlling: Sequence[str]) -> str:
    """Return with which controlling values it may be chosen: a bit for each, the first the highest, in base 64."""
    bits = bytearray((len(controlling) + 7) // 8)
    for place, value in enumerate(controlling):
        if value in choice.valid_for:
            bits[place // 8] |= 0x80 >> place % 8
    return base64.b64encode(bits).decode()
