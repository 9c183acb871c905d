"""The source folder an administrator deploys says what the set-up makes."""

from io import StringIO
from xml.etree import ElementTree as ET

import pytest
from django.core.management import CommandError, call_command

from prm.mapping import Direction, Field, Mapping, Removed, Touch
from prm.salesforce.fieldmap import service as fieldmap
from prm.salesforce.mapping import registry
from prm.salesforce.runs.tokens import StoredTokens
from prm.salesforce.setup import needs
from prm.salesforce.setup import service as setup_service
from prm.salesforce.setup.metadata_xml import NAMESPACE
from prm.salesforce.setup.source import source_files
from prm.salesforce.wire.client import Org
from tests.conftest import ROOT

FOLDER = ROOT / "docs/salesforce"
SET = "force-app/main/default/permissionsets/PRM_Sync.permissionset-meta.xml"
IN = {"": NAMESPACE}


@pytest.fixture
def files():
    return source_files(registry.mappings().values())


@pytest.fixture
def made(bound, server):
    """An organisation set up through its API, with all that a tenant may choose."""
    setup_service.connect(
        login_url=server.url, client_id=server.client_id, client_secret=server.client_secret
    )
    fieldmap.load({"objects": {"orders.order": {"lines": {"on": True, "creates": True}}}})
    fieldmap.put_in_force()
    assert setup_service.set_up().complete
    return Org(StoredTokens())


def parsed(text):
    return ET.fromstring(text.encode())


def parts(root, tag):
    return [{child.tag.partition("}")[2]: child.text for child in one} for one in root.iterfind(tag, IN)]


def test_the_folder_of_the_repository_is_of_this_version(files):
    """After a change of a mapping: `manage.py salesforce_source --to docs/salesforce`."""
    kept = {
        path.relative_to(FOLDER).as_posix(): path.read_text(encoding="utf-8")
        for path in FOLDER.rglob("*")
        if path.is_file() and path.name != "README.md"
    }
    assert kept == files


def test_each_field_of_the_folder_is_one_that_the_set_up_makes_and_has_its_type(made, files):
    types = {"Text": "string", "LongTextArea": "textarea", "Lookup": "reference", "Number": "double"}
    types["Checkbox"] = "boolean"
    found = set()
    for path, text in files.items():
        if not path.endswith(".field-meta.xml"):
            continue
        owner, name = path.split("/")[4], path.rsplit("/", 1)[1].removesuffix(".field-meta.xml")
        root = parsed(text)
        assert root.findtext("fullName", namespaces=IN) == name
        for sobject in ("Event", "Task") if owner == "Activity" else (owner,):
            there = {each["name"]: each for each in made.describe(sobject)["fields"]}[name]
            kind = root.findtext("type", namespaces=IN)
            assert there["type"] == types.get(kind, kind.lower()), (sobject, name)
            if kind == "Text":
                assert there["length"] == int(root.findtext("length", namespaces=IN))
            found.add((sobject, name))
    wanted = needs.custom_fields(needs.with_all_lines(registry.mappings().values()))
    assert found == {(sobject, name) for sobject, fields in wanted.items() for name in fields}


def test_the_permission_set_of_the_folder_grants_what_the_set_up_grants(made, files):
    root = parsed(files[SET])
    granted = {
        row["SobjectType"]: tuple(
            str(bool(row[f"Permissions{right}"])).lower() for right in ("Create", "Edit", "Delete")
        )
        for row in made.query(
            "SELECT SobjectType, PermissionsCreate, PermissionsEdit, PermissionsDelete FROM ObjectPermissions"
        )
    }
    said = {
        each["object"]: (each["allowCreate"], each["allowEdit"], each["allowDelete"])
        for each in parts(root, "objectPermissions")
    }
    assert said == granted
    fields = {
        row["Field"].replace("Event.", "Activity.").replace("Task.", "Activity.")
        for row in made.query("SELECT Field FROM FieldPermissions")
    }
    custom = {each["field"] for each in parts(root, "fieldPermissions") if each["field"].endswith("__c")}
    assert custom == fields


def test_nobody_is_let_at_more_than_the_sync_needs(files):
    root = parsed(files[SET])
    for each in parts(root, "objectPermissions"):
        assert (each["viewAllRecords"], each["modifyAllRecords"]) == ("false", "false")
    assert [each["name"] for each in parts(root, "userPermissions")] == [
        "ApiEnabled",
        "EditEvent",
        "EditTask",
    ]
    fields = [each["field"] for each in parts(root, "fieldPermissions")]
    assert len(fields) == len(set(fields))
    assert not {"Opportunity.StageName", "Account.Name", "Account.BillingCity"} & set(fields)
    assert "Account.BillingAddress" in fields


def mapping(**changed):
    given = {
        "key": "x.y", "singular": "thing", "plural": "things", "sobject": "Thing__c",
        "fields": (Field(here="a", there="A__c", direction=Direction.PULL), Field(here="b", there="B__c")),
        "touched_by": (Touch(table="t", watch=("a",)),), "read": dict, "apply": print,
    }  # fmt: skip
    return Mapping(**{**given, **changed})


def test_a_field_that_only_comes_back_is_read_and_not_written():
    fields = needs.rights([mapping()]).fields
    assert fields == {
        ("Thing__c", "PRM_Id__c"): True,
        ("Thing__c", "A__c"): False,
        ("Thing__c", "B__c"): True,
    }


@pytest.mark.parametrize(("removed", "may"), [(Removed.KEEP, False), (Removed.DELETE, True)])
def test_records_may_be_deleted_where_the_mapping_deletes_them(removed, may):
    assert needs.rights([mapping(removed=removed)]).objects == {
        "Thing__c": needs.ObjectRights(create=True, edit=True, delete=may)
    }


def test_two_mappings_of_one_object_have_the_rights_of_both():
    both = needs.rights([mapping(removed=Removed.DELETE), mapping(key="x.z")])
    assert both.objects["Thing__c"].delete


def test_the_command_writes_the_folder_and_names_what_is_left_of_an_earlier_one(tmp_path, files):
    left = tmp_path / "force-app/main/default/objects/Account/fields/PRM_Gone__c.field-meta.xml"
    left.parent.mkdir(parents=True)
    left.write_text("<CustomField/>", encoding="utf-8")
    said = StringIO()
    call_command("salesforce_source", to=tmp_path, stdout=said)
    assert f"{len(files)} files written" in said.getvalue()
    assert str(left) in said.getvalue()
    assert (tmp_path / SET).read_text(encoding="utf-8") == files[SET]


def test_a_folder_that_cannot_be_written_is_said(tmp_path):
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(CommandError, match="cannot be written"):
        call_command("salesforce_source", to=tmp_path / "file")
