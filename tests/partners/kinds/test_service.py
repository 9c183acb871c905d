"""The tenant's own kinds of partner: added, renamed, regulated, put away."""

import pytest

from partners.directory import service as directory
from partners.kinds import queries, service
from partners.kinds.models import PartnerKind
from partners.states import Kind
from prm.core.errors import Refused
from tests.partners.factories import make_partner


def test_new_tenant_begins_with_the_usual_kinds(in_mercy):
    assert [kind.key for kind in queries.kinds()] == list(Kind.values)
    assert queries.regulated_keys() == ["physician", "practice"]
    assert queries.organisation_keys() == ["practice", "hospital", "agency"]
    service.begin_kinds()
    assert PartnerKind.objects.count() == len(Kind)


def test_own_kind_is_used_by_partners_and_renamed_everywhere(in_mercy):
    kind = service.add_kind(singular="Ambulance service", is_regulated=True)
    assert (kind.key, kind.plural, kind.place) == ("ambulance_service", "Ambulance services", 7)
    partner = make_partner(kind="ambulance_service")
    service.change_kind(kind.key, singular="Rescue service")
    assert (partner.get_kind_display(), partner.second_word) == ("Rescue service", "Rescue service")
    assert queries.is_regulated(kind.key)
    service.order_kinds(["ambulance_service", "dealer"])
    assert list(queries.kind_words())[:3] == ["ambulance_service", "dealer", "physician"]


def test_kind_that_is_put_away_is_offered_to_nobody_new_and_stays_with_who_has_it(in_mercy):
    partner = make_partner(kind="dealer")
    service.change_kind("dealer", is_offered=False)
    assert "dealer" not in dict(queries.kind_choices())
    assert "dealer" in dict(queries.all_choices())
    assert directory.update_partner(partner.pk, city="Troy").kind == "dealer"


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"singular": " "}, "singular"),
        ({"singular": "agent"}, "singular"),
        ({"singular": "x" * 41}, "singular"),
        ({"singular": "医院"}, "key"),
        ({"singular": "Clinic", "key": "No Key"}, "key"),
        ({"singular": "Clinic", "key": "dealer"}, "key"),
    ],
)
def test_bad_kind_is_refused_at_its_field(in_mercy, fields, field):
    with pytest.raises(Refused) as refused:
        service.add_kind(**fields)
    assert refused.value.field == field


def test_one_kind_is_left_and_an_unknown_one_is_refused_everywhere(in_mercy):
    for kind in queries.kinds()[1:]:
        service.change_kind(kind.key, is_offered=False)
    with pytest.raises(Refused, match="One kind has to be left"):
        service.change_kind("physician", is_offered=False)
    for act in (
        lambda: make_partner(kind="wizard"),
        lambda: directory.create_partners_from_codes({"N1": ""}, kind="wizard", scheme=""),
        lambda: service.set_regulated(["wizard"]),
        lambda: service.change_kind("wizard", singular="W"),
    ):
        with pytest.raises(Refused, match="is no kind here"):
            act()


def test_regulated_kinds_are_said_in_one_place(in_mercy):
    service.set_regulated(["dealer"])
    assert queries.regulated_keys() == ["dealer"]
    assert queries.is_regulated("unknown"), "who is not known is not told more"


def test_kinds_by_api(in_mercy, client_for):
    api = client_for(in_mercy.administrator)
    url = "/api/v1/mercy/partner-kinds/"
    made = api.post(url, {"singular": "Clinic", "is_organisation": True}, content_type="application/json")
    assert (made.status_code, made.json()["key"], made.json()["place"]) == (201, "clinic", 7)
    at = f"{url}{made.json()['id']}/"
    assert api.patch(at, {"key": "other"}, content_type="application/json").status_code == 400
    changed = api.patch(at, {"plural": "Clinics of ours"}, content_type="application/json")
    assert (changed.status_code, changed.json()["plural"]) == (200, "Clinics of ours")
    rep = client_for(in_mercy.rep)
    assert rep.get(url).json()["count"] == 7
    assert rep.post(url, {"singular": "X"}, content_type="application/json").status_code == 403
