from prm.sandbox.kit.ids import is_id
from prm.sandbox.org import SandboxOrg
from prm.sandbox.schema.sales import STAGES


def test_a_new_org_has_its_people_stages_and_price_book():
    org = SandboxOrg(name="mercy")
    found = {
        name: org.store.value(f'SELECT count(*) FROM "{name}"')
        for name in ("Organization", "User", "Profile", "OpportunityStage", "Pricebook2", "Account")
    }
    assert found == {
        "Organization": 1, "User": 2, "Profile": 2, "OpportunityStage": len(STAGES), "Pricebook2": 1, "Account": 0,
    }  # fmt: skip
    assert is_id(org.organization_id)
    assert org.administrator.admin
    assert not org.integration.admin


def test_every_new_org_is_another_one():
    assert SandboxOrg().organization_id != SandboxOrg().organization_id


def test_ids_of_orgs_with_other_names_do_not_look_alike():
    first, second = SandboxOrg(name="mercy"), SandboxOrg(name="anchor")
    assert first.integration.id[3:5] != second.integration.id[3:5]


def test_a_seeded_row_has_the_stamps_and_defaults_of_its_object():
    org = SandboxOrg()
    row = org.store.get(org.schema.entities["campaign"], org.seed.row("Campaign", Name="C"))
    assert row["CreatedById"] == row["OwnerId"] == org.administrator.id
    assert (row["IsActive"], row["IsDeleted"], row["Status"]) == (0, 0, None)
