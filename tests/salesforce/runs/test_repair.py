"""Fault 11: the audit repairs what is decided and leaves to people what is theirs."""

from partners.directory.models import Partner
from partners.directory.service import create_partner, update_partner
from prm.salesforce.matches.models import Match
from prm.salesforce.runs import audit, run


def change(connected, partner, **fields):
    """Change an account there so that no reading sees it: its stamp lies long before what was read."""
    sf_id = connected.there.one("Account", partner.pk)["Id"]
    connected.org.administration.change(
        {"object": "Account", "id": sf_id, "fields": fields, "stamp_age": 7200}
    )


def test_the_audit_repairs_late_commits_push_only_values_and_parents(connected):
    group = create_partner(name="Clinic", kind="practice")
    one = create_partner(name="Dr. Chow", kind="physician", phone="1", organisation=group)
    gone = create_partner(name="Dr. Gone", kind="physician")
    connected.settle()
    change(connected, one, Phone="2", PRM_Kind__c="Sorcerer", ParentId=None)
    sf_id = connected.there.one("Account", gone.pk)["Id"]
    connected.org.administration.change({"op": "delete", "id": sf_id})
    connected.org.administration.change({"op": "purge", "id": sf_id})
    connected.settle()
    assert Partner.objects.get(pk=one.pk).phone == "1"
    looked = connected.sync(push=False, pull=False, audit=True)
    assert looked.audit["partners.partner"]["different"] == 1
    assert Partner.objects.get(pk=one.pk).phone == "1"  # to look changes nothing
    connected.sync(push=False, pull=False, audit=True, repair=True)
    fresh = Partner.objects.get(pk=one.pk)
    assert (fresh.phone, fresh.organisation_id) == ("2", None)
    assert connected.there.one("Account", one.pk, "PRM_Kind__c")["PRM_Kind__c"] == "Physician"
    (problem,) = connected.problems()
    assert (problem.record_id, problem.kind) == (gone.pk, "deleted_there")
    again = connected.sync(push=False, pull=False, audit=True)
    assert again.audit["partners.partner"]["different"] == 0
    assert again.audit["partners.partner"]["missing_there"] == 1


def test_an_edit_does_not_wait_for_the_audit_that_holds_the_lane(connected, monkeypatch):
    """Doubt: the nightly audit took the lane for as long as it ran."""
    made = [create_partner(name=f"Dr. {number}", kind="physician", phone="1") for number in range(3)]
    connected.settle()
    monkeypatch.setattr(run, "COURTESY_SECONDS", 0.0)
    seen = []
    compare = audit._Audit._compare

    def edited(self, ids, theirs):
        """Somebody edits between the reading of the records there and their comparison."""
        if self.mapping.key == "partners.partner":
            update_partner(made[0].pk, phone="2")
        return compare(self, ids, theirs)

    def keep(self):
        kept(self)
        seen.append(connected.there.one("Account", made[0].pk, "Phone")["Phone"])

    kept = run._Courtesy.keep
    monkeypatch.setattr(audit._Audit, "_compare", edited)
    monkeypatch.setattr(run._Courtesy, "keep", keep)
    report = connected.sync(push=False, pull=False, audit=True, repair=True)
    # The calls for the kinds that come after partners find it there already.
    assert seen[0] == "1" and seen[-1] == "2"
    (waits,) = report.audit["partners.partner"]["differences"]
    assert waits["reason"] == "Waits to be sent."
    assert not connected.problems()
    connected.forget()
    connected.settle()
    assert connected.writes() == []


def test_every_field_that_differs_has_its_own_reason_and_is_repaired_by_itself(connected):
    """A refused field explains itself, and no other field of its record; that one is read and repaired."""
    one = create_partner(name="Dr. Chow", kind="physician", phone="1", city="Easton")
    connected.settle()
    connected.there.edit("Account", one.pk, Website="n/a")
    connected.settle()
    change(connected, one, BillingCity="Weston", Website="n/a")
    (found,) = connected.sync(push=False, pull=False, audit=True).audit["partners.partner"]["differences"]
    assert {each["field"] for each in found["fields"]} == {"Website", "BillingCity"}
    assert "not read yet" in found["reason"] and "Website" in found["reason"]
    connected.sync(push=False, pull=False, audit=True, repair=True)
    assert Partner.objects.get(pk=one.pk).city == "Weston"
    (left,) = connected.sync(push=False, pull=False, audit=True).audit["partners.partner"]["differences"]
    assert [each["field"] for each in left["fields"]] == ["Website"]
    assert "not read yet" not in left["reason"]


def test_what_somebody_must_decide_first_is_no_fault_to_repair(connected):
    one = create_partner(name="Dr. Double", kind="physician")
    Match.objects.create(
        mapping="partners.partner", sf_id="001000000000001AAA", state=Match.State.OPEN, record_id=one.pk
    )
    connected.settle()
    for _ in range(2):
        report = connected.sync(push=False, pull=False, audit=True, repair=True)
        (found,) = report.audit["partners.partner"]["differences"]
        assert "Adopt accounts" in found["reason"]
        assert "repaired" not in report.as_json()["pulled"].get("partners.partner", {})
    assert connected.dirty() == 0
