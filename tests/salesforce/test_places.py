"""Countries and states in Salesforce: as text, and by the organisation's own lists; both ways, and what is in no list."""

import pytest

from partners.directory.models import Partner
from partners.directory.service import create_partner, update_partner
from prm.mapping.places import Lists
from prm.salesforce.adoption import reading
from prm.salesforce.engine.models import RecordLink, SyncProblem
from prm.salesforce.fieldmap import service as fieldmap
from prm.salesforce.mapping import registry
from prm.salesforce.mapping.choices import FieldChoice
from prm.salesforce.mapping.forms import forms_of
from prm.salesforce.pages.queries import problem_groups
from prm.salesforce.setup import service as setup_service
from prm.salesforce.shapes.models import ObjectShape
from tests.salesforce.adoption.test_trying import resting  # noqa: F401
from tests.salesforce.conftest import Link

CODES = ("BillingCountryCode", "BillingStateCode")
NAMES = ("BillingCountry", "BillingState")


def turn_on(link: Link, **more):
    """Turn the picklists on there, and look at the organisation with the next run, as every day."""
    link.org.features.turn({"places": True, **more})
    ObjectShape.objects.update(looked_at=None)
    registry.forget()


@pytest.fixture
def listed(connected):
    turn_on(connected)
    connected.settle()
    connected.forget()
    return connected


def there(link, partner, names=CODES):
    row = link.there.one("Account", partner.pk, *names)
    return tuple(row[name] for name in names)


def words(partner):
    return {one.field: one.message for one in SyncProblem.objects.filter(record_id=partner.pk)}


# --- text ---------------------------------------------------------------------------------------


def test_as_text_a_country_goes_by_its_name_and_is_read_in_any_language(connected):
    partner = create_partner(name="Ann", kind="agent", region="Calif.", country="US")
    connected.settle()
    assert there(connected, partner, NAMES) == ("United States", "Calif.")
    connected.there.edit("Account", partner.pk, BillingCountry="USA")
    connected.settle()
    partner.refresh_from_db()
    assert partner.country == "US"
    assert there(connected, partner, NAMES)[0] == "USA"
    connected.there.edit("Account", partner.pk, BillingCountry="Allemagne", BillingState=None)
    connected.settle()
    partner.refresh_from_db()
    assert (partner.country, partner.region) == ("DE", "")
    assert connected.problems() == []


def test_as_text_what_is_no_country_stays_there_and_is_named(connected):
    partner = create_partner(name="Ann", kind="agent", country="US")
    connected.settle()
    connected.there.edit("Account", partner.pk, BillingCountry="Freedonia", BillingCity="Rome")
    connected.settle()
    connected.settle()
    partner.refresh_from_db()
    assert (partner.country, partner.city) == ("US", "Rome")
    assert "“Freedonia” is no country" in words(partner)["BillingCountry"]
    assert there(connected, partner, NAMES)[0] == "Freedonia"


# --- lists --------------------------------------------------------------------------------------


def test_what_is_described_gives_lists_of_countries_and_their_states(listed):
    places = registry.mapping("partners.partner").places
    assert places.lists.countries["KR"] == "Korea, Republic of"
    assert places.lists.states["CA"]["ON"] == "Ontario"
    assert places.lists.states["US"]["WA"] == "Washington"
    assert places.lists.states["AU"]["WA"] == "Western Australia"
    assert "DE" not in places.lists.states


@pytest.mark.parametrize("region", ["Oregon", "OR", " oregon "])
def test_codes_go_and_states_are_found_by_name_or_code(listed, region):
    partner = create_partner(name="Ann", kind="agent", region=region, country="US")
    listed.settle()
    assert there(listed, partner) == ("US", "OR")
    assert there(listed, partner, NAMES) == ("United States", "Oregon")
    listed.forget()
    listed.settle()
    assert listed.writes() == []
    assert listed.problems() == []


def test_both_ways_and_a_move_to_another_country(listed):
    partner = create_partner(name="Ann", kind="agent", region="Oregon", country="US")
    listed.settle()
    listed.there.edit("Account", partner.pk, BillingCountryCode="CA", BillingStateCode="ON")
    listed.settle()
    partner.refresh_from_db()
    assert (partner.country, partner.region) == ("CA", "Ontario")
    listed.there.edit("Account", partner.pk, BillingStateCode="BC")
    listed.settle()
    partner.refresh_from_db()
    assert partner.region == "British Columbia"
    update_partner(partner.pk, country="AU", region="Western Australia")
    listed.settle()
    assert there(listed, partner) == ("AU", "WA")
    # The same code in another country is another state.
    update_partner(partner.pk, country="US", region="Washington")
    listed.settle()
    assert there(listed, partner, NAMES) == ("United States", "Washington")
    update_partner(partner.pk, country="", region="")
    listed.settle()
    assert there(listed, partner) == (None, None)
    assert listed.problems() == []


def test_a_region_that_is_no_state_stays_here_named_and_holds_nothing_else(listed):
    partner = create_partner(name="Ann", kind="agent", region="Calif.", country="US", city="Fresno")
    listed.settle()
    assert there(listed, partner) == ("US", None)
    assert listed.there.one("Account", partner.pk, "BillingCity")["BillingCity"] == "Fresno"
    assert words(partner) == {
        "BillingStateCode": "Region: “Calif.” is no state of United States in Salesforce's list, and stays here. Write California."
    }
    update_partner(partner.pk, phone="555 0100")
    listed.settle()
    assert listed.there.one("Account", partner.pk, "Phone")["Phone"] == "555 0100"
    partner.refresh_from_db()
    assert partner.region == "Calif."
    update_partner(partner.pk, region="California")
    listed.settle()
    assert there(listed, partner) == ("US", "CA")
    assert words(partner) == {}


def test_a_state_never_goes_without_its_country(listed):
    partner = create_partner(name="Ann", kind="agent", region="Oregon")
    listed.settle()
    assert there(listed, partner) == (None, None)
    assert "a state only with its country" in words(partner)["BillingStateCode"]
    update_partner(partner.pk, country="US")
    listed.settle()
    assert there(listed, partner) == ("US", "OR")
    assert words(partner) == {}
    for call in listed.writes():
        assert call.get("status", 200) < 300


def test_a_country_without_states_keeps_the_region_here_and_takes_the_old_state_away(listed):
    partner = create_partner(name="Ann", kind="agent", region="Oregon", country="US")
    listed.settle()
    update_partner(partner.pk, country="DE", region="Bayern")
    listed.settle()
    assert there(listed, partner) == ("DE", None)
    assert words(partner)["BillingStateCode"].startswith("Region: Salesforce's list has no states of Germany")
    partner.refresh_from_db()
    assert partner.region == "Bayern"


def test_what_many_have_in_common_is_one_problem_with_their_number(listed):
    for region in ("Bayern", "Hessen", "Sachsen"):
        create_partner(name=f"In {region}", kind="agent", region=region, country="DE")
    for region in ("Oregon", "Ohio"):
        create_partner(name=f"In {region}", kind="agent", region=region)
    create_partner(name="Unlike the others", kind="agent", region="Calif.", country="US")
    listed.settle()
    groups = {one.quote.partition(": ")[2]: (one.count, one.title) for one in problem_groups()}
    assert [count for count, _title in groups.values()] == [3, 2, 1]
    assert next(iter(groups)).startswith("Region: Salesforce's list has no states of Germany")
    assert groups[next(iter(groups))][1] == "A value of 3 partners stays here"
    report = listed.sync(patient=True, door="command")
    assert sorted(one["records"] for one in report.waiting if "Region: " in one["reason"]) == [1, 2, 3]


def test_a_country_that_is_not_in_the_list_is_named_and_the_rest_goes(listed):
    partner = create_partner(name="Ann", kind="agent", country="XK", region="Prizren", city="Prizren")
    listed.settle()
    assert there(listed, partner) == (None, None)
    assert "list of countries has no Kosovo (XK)" in words(partner)["BillingCountryCode"]
    assert listed.there.one("Account", partner.pk, "BillingCity")["BillingCity"] == "Prizren"


def test_the_country_that_stands_where_none_is_said_is_chosen_in_the_mapping(listed):
    partner = create_partner(name="Ann", kind="agent", region="Oregon")
    fieldmap.choose_field(key="partners.partner", here="country", choice=FieldChoice(default="US"))
    fieldmap.put_in_force()
    listed.settle()
    assert there(listed, partner) == ("US", "OR")
    partner.refresh_from_db()
    assert partner.country == ""


def test_the_default_country_of_the_organisation_comes_here(listed):
    listed.org.features.turn({"default_country": "US"})
    partner = create_partner(name="Ann", kind="agent", region="Oregon")
    listed.settle()
    listed.settle()
    partner.refresh_from_db()
    assert partner.country == "US"
    assert there(listed, partner) == ("US", "OR")


# --- changing the form --------------------------------------------------------------------------


def test_turning_the_lists_on_and_off_there_writes_nothing_that_is_the_same(connected):
    partner = create_partner(name="Ann", kind="agent", region="Oregon", country="US")
    odd = create_partner(name="Ben", kind="agent", region="Calif.", country="US")
    connected.settle()
    turn_on(connected)
    connected.forget()
    connected.settle()
    assert connected.writes() == []
    assert there(connected, partner) == ("US", "OR")
    partner.refresh_from_db()
    assert partner.region == "Oregon"
    assert set(words(odd)) == {"BillingStateCode"}
    connected.org.features.turn({"places": False})
    ObjectShape.objects.update(looked_at=None)
    registry.forget()
    connected.settle()
    assert words(odd) == {}
    update_partner(odd.pk, region="Cal.")
    connected.settle()
    assert there(connected, odd, NAMES)[1] == "Cal."


def test_the_country_that_rests_leaves_the_state_where_it_is(listed):
    fieldmap.choose_field(key="partners.partner", here="country", choice=FieldChoice(direction="off"))
    fieldmap.put_in_force()
    partner = create_partner(name="Ann", kind="agent", region="Oregon", country="US")
    listed.settle()
    assert there(listed, partner) == (None, None)


def test_where_the_codes_are_hidden_names_go_together(listed):
    listed.org.shaping.change({"field": "Account.BillingCountryCode", "see": False})
    ObjectShape.objects.update(looked_at=None)
    partner = create_partner(name="Ann", kind="agent", region="Oregon", country="US", city="Salem")
    listed.settle()
    assert there(listed, partner, NAMES) == ("United States", "Oregon")


def test_a_table_of_the_tenants_own_goes_before(connected):
    choice = FieldChoice(table=(("US", "The States"),))
    fieldmap.read_objects()
    fieldmap.choose_field(key="partners.partner", here="country", choice=choice)
    fieldmap.put_in_force()
    partner = create_partner(name="Ann", kind="agent", country="US")
    connected.settle()
    assert there(connected, partner, NAMES)[0] == "The States"


# --- before the start ---------------------------------------------------------------------------


def test_the_dry_run_and_adopting_know_the_lists_at_once(resting):  # noqa: F811
    resting.org.features.turn({"places": True})
    partner = create_partner(
        name="Ann Field", kind="agent", region="Oregon", country="US", city="Salem", phone="555 0100 200"
    )
    values = {
        "Name": "Ann Field",
        "BillingCountryCode": "US",
        "BillingStateCode": "OR",
        "BillingCity": "Salem",
    }
    resting.there.call("POST", "sobjects/Account", json={**values, "Phone": "555 0100 200"})
    reading.read()
    outcome = setup_service.try_start()
    assert not [one for one in outcome.examples if one.field in ("Country", "Region")]
    setup_service.start()
    resting.settle()
    assert RecordLink.objects.get(record_id=partner.pk)
    assert there(resting, partner) == ("US", "OR")
    assert Partner.objects.get().region == "Oregon"
    assert resting.there.count("Account") == 1


# --- pure ---------------------------------------------------------------------------------------


def test_the_nearest_state_is_the_only_one_that_begins_so():
    lists = Lists(
        {"US": "United States"}, {"US": {"CA": "California", "NC": "North Carolina", "ND": "North Dakota"}}
    )
    assert lists.nearest("US", "Calif.") == "California"
    assert lists.nearest("US", "North") == ""
    assert lists.nearest("US", ".") == ""
    assert lists.nearest("DE", "Calif") == ""


def test_a_description_without_sense_gives_no_lists():
    assert forms_of({}) == {}
    odd = [{"name": "BillingCountryCode", "type": "string"}, {"name": "BillingStateCode"}, {"name": None}]
    assert forms_of({"fields": odd}) == {}
    choice = [{"value": "US", "active": True}]
    some = [
        {"name": "BillingCountryCode", "type": "picklist", "picklistValues": choice},
        {
            "name": "BillingStateCode",
            "type": "picklist",
            "picklistValues": [{"value": "OR", "validFor": "%"}],
        },
    ]
    assert forms_of({"fields": some}) == {"places": {"Billing": {"countries": {"US": "US"}, "states": {}}}}
