import pytest

from partners import demo
from partners.directory.codes import is_npi
from partners.directory.models import Partner, ReferralCode
from partners.directory.service import add_code, remove_code, update_partner
from partners.portal.models import PartnerAccess
from partners.share.models import ShareEstimate
from partners.standing.models import Standing, StandingMonth
from prm.accounts.service import add_member
from prm.core.calendar import month_start, today
from prm.tenancy.context import bound_tenant, tenant_scope
from tests.partners.factories import make_months


@pytest.fixture
def theatre(mercy):
    with tenant_scope(mercy.tenant):
        add_member(email="partner@mercy.example", name="Elena", role="partner", password="secret-pass")
    with bound_tenant(mercy.tenant):
        demo.fill(mercy.tenant, 20)
    return mercy


def test_the_cast_is_complete_and_well_formed(theatre):
    with tenant_scope(theatre.tenant):
        assert Partner.objects.count() == 20
        npis = ReferralCode.objects.filter(scheme="NPI").values_list("code", flat=True)
        assert len(npis) == 20
        assert all(is_npi(code) for code in npis)
        assert PartnerAccess.objects.get().partner.name == "Dr. Elena Marchetti"
        assert Partner.objects.filter(rep=theatre.rep).count() == 20


def test_a_second_run_changes_nothing(theatre):
    with tenant_scope(theatre.tenant):
        before = list(Partner.objects.order_by("pk").values())
        demo.fill(theatre.tenant, 20)
        assert list(Partner.objects.order_by("pk").values()) == before


def test_a_second_run_leaves_what_people_changed(theatre):
    with tenant_scope(theatre.tenant):
        own = PartnerAccess.objects.get().partner
        update_partner(own.pk, name="Dr. Elena Rossi")
        moved = ReferralCode.objects.exclude(partner=own).filter(scheme="NPI").last()
        remove_code(moved.pk)
        add_code(own.pk, scheme="NPI", code=moved.code)
        before = list(Partner.objects.order_by("pk").values())
        demo.fill(theatre.tenant, 20)
        assert list(Partner.objects.order_by("pk").values()) == before
        assert PartnerAccess.objects.get().partner == own


def test_agents_for_an_insurer(anchor):
    with tenant_scope(anchor.tenant):
        demo.fill(anchor.tenant, 12)
        assert set(Partner.objects.values_list("kind", flat=True)) == {"agent", "agency"}


def test_settling_gives_a_past_and_leaves_decisions(theatre):
    with tenant_scope(theatre.tenant):
        last = month_start(today(theatre.tenant))
        for place, partner in enumerate(Partner.objects.order_by("name")):
            make_months(partner, last, [500 * (place + 1) + 60 * month for month in range(24)])
        demo.settle(theatre.tenant)
        assert StandingMonth.objects.filter(month__lt=last).count() >= 12 * 20
        assert ShareEstimate.objects.exists()
        assert set(Standing.objects.values_list("level", flat=True)) == {"repeat"}
        assert Partner.objects.filter(tier="").count() == 0
        assert Partner.objects.awaiting_decision(today(theatre.tenant)).count() <= demo.LEFT_TO_DECIDE
        assert demo.settle(theatre.tenant) is None
