"""An organisation with fields of its own."""

import pytest

from prm.salesforce.fieldmap import service


def own_field(there, sobject, name, kind="Text", values=(), *, restricted=True, permit=True, **metadata):
    """Make a field as an administrator there would, and let the integration user see it."""
    described = {"type": kind, "label": metadata.pop("label", name.removesuffix("__c")), **metadata}
    if kind == "Text":
        described.setdefault("length", 80)
    if values:
        listed = [{"fullName": one, "label": one, "default": False} for one in values]
        described["valueSet"] = {
            "restricted": restricted,
            "valueSetDefinition": {"sorted": False, "value": listed},
        }
    there.call(
        "POST", "tooling/sobjects/CustomField", json={"FullName": f"{sobject}.{name}", "Metadata": described}
    )
    if permit and not metadata.get("required"):
        (row,) = there.query("SELECT Id FROM PermissionSet WHERE Name = 'PRM_Sync'")
        there.call(
            "POST",
            "sobjects/FieldPermissions",
            json={
                "ParentId": row["Id"], "SobjectType": sobject, "Field": f"{sobject}.{name}", "PermissionsRead": True,
                "PermissionsEdit": True,
            },
        )  # fmt: skip


@pytest.fixture
def there(connected):
    """The organisation, as described to us, in which nothing is left to send."""
    service.read_objects()
    return connected
