"""A form never empties, nor refuses, what stands there already and is no longer offered."""

import inspect
from importlib import import_module
from pathlib import Path

import pytest
from django import forms

from activities.market.competition.models import Insight
from partners.directory.forms import PartnerForm
from partners.directory.models import Partner
from prm.accounts.service import change_member
from prm.core.registry import our_apps
from prm.tenancy.context import tenant_scope
from tests.activities import factories as make
from tests.html import sent_back
from tests.partners.factories import make_partner

ROOT = Path(__file__).resolve().parent.parent

# Each field that chooses a row, and why a row that has left the choice is no trouble there.
CHOOSERS = {
    "RepForm.rep": "of many partners, whose reps differ: nothing is chosen before",
    "TrailForm.person": "a filter; nothing is kept",
    "PartnerForm.rep": "offers whoever is chosen now: the test below",
    "AddPartnerForm.rep": "nothing is chosen before",
    "PartnerForm.organisation": "offers whatever is chosen now: the test below",
    "AddPartnerForm.organisation": "nothing is chosen before",
    "InsightForm.competitor_new": "a name; nothing is chosen before",
    "InsightPageForm.competitor_new": "the same",
    "InsightForm.product": "nothing is chosen before",
    "InsightPageForm.product": "a merged product stands as the one it is now",
    "OpportunityForm.product": "made only; nothing is chosen before",
    "OpportunityForm.competitor": "the same",
    "ChangeOpportunityForm.product": "a merged product stands as the one it is now",
    "ChangeOpportunityForm.competitor": "the same, of a competitor",
    "MergeCompetitorForm.into": "nothing is chosen before",
    "MergeDifferentiatorForm.into": "the same",
    "OwnerForm.user": "offers whoever is a user there, and who is chosen now",
    "FallbackForm.user": "the same",
    "DoorForm.source": "brings something new; nothing is chosen before",
    "UploadForm.source": "the same",
    "TotalsForm.source": "the same",
    "RuleForm.subject": "made only; nothing is chosen before",
    "RuleForm.to": "the same",
    "VisitForm.met": "every person at the partner of the visit",
    "LogForm.met": "nobody is chosen before",
    "LogForm.partner": "every partner, active or not",
    "OpportunityForm.partner": "made only; a known partner is offered, active or not",
    "OtherForm.other": "nothing is chosen before",
    "InsightPageForm.partner": "the partner of a correction is offered, active or not: the test below",
}


def choosers():
    found = set()
    for app in our_apps():
        for file in Path(app.path).rglob("forms.py"):
            module = import_module(".".join(file.relative_to(ROOT).with_suffix("").parts))
            for name, form in inspect.getmembers(module, inspect.isclass):
                if issubclass(form, forms.BaseForm) and form.__module__ == module.__name__:
                    rows = [
                        f for f, one in form.base_fields.items() if isinstance(one, forms.ModelChoiceField)
                    ]
                    found |= {f"{name}.{field}" for field in rows}
    return found


def test_every_field_that_chooses_a_row_is_thought_about():
    """A new one either changes nothing that is there, or offers it with `offer_also`."""
    assert {one for one in choosers() if not one.startswith("Demo")} == set(CHOOSERS)


@pytest.fixture
def bob(mercy, client_for):
    return client_for(mercy.manager)


def edited(client, address, **changes):
    """What the page's form sends back with nothing but these changes, and its answer."""
    return client.post(address, {**sent_back(client.get(address).content.decode()), **changes})


def test_another_phone_number_does_not_take_a_rep_away_who_is_away(mercy, bob):
    with tenant_scope(mercy.tenant):
        partner = make_partner(rep=mercy.rep)
        change_member(mercy.rep, is_active=False)
    page = bob.get(f"/t/mercy/partners/{partner.pk}/edit/").content.decode()
    assert "Mary (away)" in page
    assert edited(bob, f"/t/mercy/partners/{partner.pk}/edit/", phone="555").status_code == 302
    with tenant_scope(mercy.tenant):
        partner.refresh_from_db()
        assert (partner.phone, partner.rep) == ("555", mercy.rep)
    assert edited(bob, f"/t/mercy/partners/{partner.pk}/edit/", rep="").status_code == 302
    assert "Mary (away)" not in bob.get(f"/t/mercy/partners/{partner.pk}/edit/").content.decode()


def test_somebody_who_is_away_is_not_offered_anew(mercy, in_mercy):
    change_member(mercy.rep, is_active=False)
    assert mercy.rep not in PartnerForm(partner=make_partner()).fields["rep"].queryset
    assert mercy.rep in PartnerForm(partner=make_partner(rep=mercy.rep)).fields["rep"].queryset


@pytest.mark.parametrize("trouble", ["a namesake", "no organisation any more"])
def test_an_organisation_is_left_as_it_is(mercy, bob, trouble):
    with tenant_scope(mercy.tenant):
        clinic = make_partner("Clinic", kind="practice")
        partner = make_partner(organisation=clinic)
        if trouble == "a namesake":
            make_partner("Clinic", kind="practice")
        else:
            Partner.objects.filter(pk=clinic.pk).update(kind="agent")
    assert edited(bob, f"/t/mercy/partners/{partner.pk}/edit/", phone="555").status_code == 302
    with tenant_scope(mercy.tenant):
        partner.refresh_from_db()
        assert (partner.phone, partner.organisation_id) == ("555", clinic.pk)


def test_a_correction_of_an_insight_keeps_what_is_not_on_its_page(mercy, bob):
    with tenant_scope(mercy.tenant):
        partner = make_partner(rep=mercy.rep)
        opportunity = make.opportunity(partner, mercy.rep)
        insight = make.insight(partner, mercy.rep, opportunity=opportunity)
        Partner.objects.filter(pk=partner.pk).update(is_active=False)
    assert edited(bob, f"/t/mercy/insights/{insight.pk}/", note="More").status_code == 302
    with tenant_scope(mercy.tenant):
        kept = Insight.objects.get()
        assert (kept.note, kept.opportunity_id, kept.partner_id) == ("More", opportunity.pk, partner.pk)
