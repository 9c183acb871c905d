import pytest

from prm.sandbox.describe.shapes import entity_summary, field_description
from prm.sandbox.schema.activities import activity_entities
from prm.sandbox.schema.models import Choice, Field
from prm.sandbox.schema.sales import sales_entities

ENTITIES = [*sales_entities(), *activity_entities()]
ALL_RIGHTS = dict.fromkeys(("create", "read", "edit", "delete"), True)


@pytest.mark.parametrize("entity", ENTITIES, ids=lambda entity: entity.name)
def test_nothing_is_editable_without_the_right(entity):
    none = dict.fromkeys(ALL_RIGHTS, False)
    summary = entity_summary(entity, "/b", rights=none)
    assert not any(summary[name] for name in ("createable", "updateable", "deletable"))
    assert summary["urls"]["describe"] == f"/b/sobjects/{entity.name}/describe"
    for field in entity.fields.values():
        shown = field_description(field, editable=False)
        assert not (shown["createable"] or shown["updateable"])


@pytest.mark.parametrize("entity", ENTITIES, ids=lambda entity: entity.name)
def test_every_reference_names_its_objects_and_every_other_field_none(entity):
    for field in entity.fields.values():
        shown = field_description(field, editable=True)
        assert bool(shown["referenceTo"]) == (shown["type"] == "reference")
        assert bool(shown["picklistValues"]) == (shown["type"] in ("picklist", "multipicklist"))


@pytest.mark.parametrize(
    ("field", "wanted"),
    [
        (Field("A", "string", length=80), {"length": 80, "byteLength": 240, "soapType": "xsd:string"}),
        (Field("A", "reference"), {"length": 18, "soapType": "tns:ID"}),
        (Field("A", "currency", precision=18, scale=2), {"length": 0, "precision": 18, "scale": 2}),
        (Field("A", "int", precision=8), {"digits": 8, "groupable": False}),
        (Field("A", "textarea", length=300), {"filterable": False, "sortable": False}),
        (Field("A", "boolean", default=False), {"nillable": False, "defaultedOnCreate": True}),
        (Field("A__c", "string", external_id=True), {"custom": True, "idLookup": True, "label": "A"}),
        (
            Field("A", "picklist", choices=(Choice("x", active=False),), restricted=True),
            {"restrictedPicklist": True},
        ),
    ],
)
def test_a_field_is_described_by_its_kind(field, wanted):
    assert wanted.items() <= field_description(field, editable=True).items()
