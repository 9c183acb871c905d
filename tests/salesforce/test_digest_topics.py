"""What the sync tells in the digest."""

from datetime import timedelta

from prm.core.clock import now
from prm.core.ids import uuid7
from prm.digest.lines.queries import digest_for
from prm.salesforce.engine.models import Conflict, SyncProblem
from prm.salesforce.guards.models import MassChange
from prm.tenancy.context import tenant_scope


def told(house, who, key):
    with tenant_scope(house.tenant):
        found = digest_for(getattr(house, who), since=now() - timedelta(days=1), until=now())
        return [line for section in found.sections if section.topic.key == key for line in section.lines]


def test_what_waits_for_a_person_is_told_who_decides(mercy):
    with tenant_scope(mercy.tenant):
        Conflict.objects.create(
            mapping="partners.partner",
            record_id=uuid7(),
            there="Phone",
            ours="1",
            theirs="2",
            state="open",
            title="Ann",
        )
        MassChange.objects.create(
            mapping="partners.partner", direction="push", kind="cleared", cause="1", records=300
        )
    assert [line.title for line in told(mercy, "manager", "conflicts")] == ["1 field changed on both sides"]
    [line] = told(mercy, "manager", "mass-changes")
    assert "300" in line.title
    assert told(mercy, "rep", "conflicts") == []


def test_what_salesforce_refuses_is_told_with_its_words_and_what_is_tried_again_is_not(mercy):
    with tenant_scope(mercy.tenant):
        for kind in ("later", "refused_there"):
            SyncProblem.objects.create(
                mapping="partners.partner", record_id=uuid7(), kind=kind, title="Ann", message="Bad value."
            )
    [line] = told(mercy, "manager", "refused")
    assert (line.title, line.words) == ("1 record held", "First of all Ann: Bad value.")
    assert line.path == "/t/mercy/salesforce/problems/"
