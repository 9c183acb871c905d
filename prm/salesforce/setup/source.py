"""The same set-up as files: a source folder that an administrator reads, keeps and deploys with Salesforce's own tools.

Where an organisation lets nobody make fields through its API (a review of all metadata, a pipeline of releases), PRM's
set-up has nothing to do after such a deployment but to assign the permission set. Format: *source format* of
Salesforce DX, one file for each object, field and permission set.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Final

from django.conf import settings

from prm.mapping import Mapping
from prm.salesforce.setup import needs
from prm.salesforce.setup.metadata_xml import xml_of
from prm.salesforce.setup.permissions import DESCRIPTION, LABEL, PERMISSION_SET

_PACKAGE: Final = "force-app/main/default"


def source_files(mappings: Iterable[Mapping]) -> dict[str, str]:
    """Return the texts of the folder by path, of the mappings that this version declares."""
    known = needs.with_all_lines(mappings)
    files = {"sfdx-project.json": _project()}
    for sobject, custom in needs.custom_objects(known).items():
        files[f"{_PACKAGE}/objects/{sobject}/{sobject}.object-meta.xml"] = xml_of(
            "CustomObject", needs.object_metadata(custom)
        )
    for sobject, fields in needs.custom_fields(known).items():
        owner = needs.owner_of(sobject)
        for name, metadata in fields.items():
            path = f"{_PACKAGE}/objects/{owner}/fields/{name}.field-meta.xml"
            files[path] = xml_of("CustomField", {"fullName": name, **metadata})
    files[f"{_PACKAGE}/permissionsets/{PERMISSION_SET}.permissionset-meta.xml"] = _permission_set(known)
    return dict(sorted(files.items()))


def _project() -> str:
    project = {
        "packageDirectories": [{"path": "force-app", "default": True}],
        "sourceApiVersion": settings.SALESFORCE_API_VERSION.removeprefix("v"),
    }
    return json.dumps(project, indent=2) + "\n"


def _permission_set(mappings: list[Mapping]) -> str:
    """Return the set; its parts in the order in which Salesforce writes them, and within a part by name."""
    rights = needs.rights(mappings)
    return xml_of(
        "PermissionSet",
        {
            "description": DESCRIPTION,
            "fieldPermissions": [
                {"editable": written, "field": field, "readable": True}
                for field, written in sorted(_field_rights(mappings).items())
            ],
            "hasActivationRequired": False,
            "label": LABEL,
            "objectPermissions": [
                {
                    "allowCreate": each.create,
                    "allowDelete": each.delete,
                    "allowEdit": each.edit,
                    "allowRead": True,
                    "modifyAllRecords": False,
                    "object": sobject,
                    "viewAllRecords": False,
                }
                for sobject, each in sorted(rights.objects.items())
            ],
            "userPermissions": [{"enabled": True, "name": name} for name in rights.user_permissions],
        },
    )


def _field_rights(mappings: list[Mapping]) -> dict[str, bool]:
    """Return whether each field is written, by its full name; custom fields of events and tasks are Activity's."""
    found: dict[str, bool] = {}
    for (sobject, name), written in needs.rights(mappings).fields.items():
        owner = needs.owner_of(sobject) if name.endswith("__c") else sobject
        found[f"{owner}.{name}"] = found.get(f"{owner}.{name}", False) or written
    return found
