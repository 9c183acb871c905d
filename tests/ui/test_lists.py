import django_filters
import pytest
from django.http import QueryDict

from prm.ui.lists import chips
from tests.html import shows
from tests.ui import kit
from tests.ui.serving import kit_templates


@pytest.fixture
def listed(rep_request, settings, monkeypatch):
    """``listed(query)``: the kit's list page as a browser or htmx gets it."""

    settings.ROOT_URLCONF = "tests.ui.kit"
    settings.TEMPLATES = kit_templates(settings)
    monkeypatch.setattr("prm.ui.navigation.registered", kit.registered)

    def make(htmx_target="", **query):
        request = rep_request("/t/mercy/kit/list/", htmx_target, role="manager", **query)
        view = type(
            "View",
            (kit.PartnerList,),
            {"dispatch": lambda self, request: super(kit.PartnerList, self).dispatch(request)},
        )
        request._messages = kit.NoMessages(request)
        return view.as_view()(request)

    return make


def test_chips_read_as_sentences(listed):
    context = listed(tier="high", room="50000", q="cedar", page="2").context_data
    assert [(chip.label, chip.words, chip.drop) for chip in context["chips"]] == [
        ("Tier", "is high", "?role=manager&room=50000&q=cedar"),
        ("Headroom", "from 50,000", "?role=manager&tier=high&q=cedar"),
    ]


def test_ranges_several_choices_and_own_words():
    class Filter(django_filters.FilterSet):
        amount = django_filters.RangeFilter(label="Amount")
        state = django_filters.MultipleChoiceFilter(label="State", choices=[("a", "Open"), ("b", "Won")])
        rep = django_filters.CharFilter(label="Rep")

        def chip_words(self, name, value):
            return "me" if name == "rep" else None

    query = QueryDict("amount_min=5&amount_max=1000&state=a&state=b&rep=1&sort=x")
    found = chips(Filter(data=query, queryset=type("Rows", (list,), {"model": None})()), query)
    assert [(chip.words, chip.drop) for chip in found] == [
        ("from 5 to 1,000", "?state=a&state=b&rep=1&sort=x"),
        ("is open or won", "?amount_min=5&amount_max=1000&rep=1&sort=x"),
        ("me", "?amount_min=5&amount_max=1000&state=a&state=b&sort=x"),
    ]


def test_no_match_names_the_filter_to_drop(listed):
    found = listed(tier="low", room="999999999", q="Karen").context_data["no_match"]
    assert found.title == "No providers match these 3 filters"
    assert found.text == "Without “Headroom from 999,999,999” there are 4."
    assert found.drop_url == "?role=manager&tier=low&q=Karen"
    assert found.clear_url == "?role=manager"


def test_no_match_when_no_single_filter_is_to_blame(listed):
    found = listed(room="999999999", q="nobody").context_data["no_match"]
    assert found.drop_url == ""
    assert "No single filter" in found.text


def test_unreadable_filter_shows_nothing_and_says_so(listed):
    response = listed(room="much")
    assert response.context_data["count"] == 0
    assert b"A filter cannot be read" in response.render().content


@pytest.mark.parametrize(
    ("asked", "given"),
    [("-1", 1), ("2", 2), ("9" * 30, 200), ("x", kit.PartnerList.table_pagination["per_page"])],
)
def test_rows_of_a_page_stay_within_bounds(listed, asked, given):
    assert listed(per_page=asked).context_data["table"].paginator.per_page == given


def test_htmx_gets_the_list_and_the_chips_only(listed):
    body = listed("list", tier="high").render().content.decode()
    assert "<html" not in body
    assert body.count('id="list"') == 1
    assert shows(body, 'id="filter-chips" class="prm-filter-chips" hx-swap-oob="true"')


def test_page_without_script_has_form_and_links(listed):
    body = listed(sort="score").render().content.decode()
    assert 'method="get"' in body
    assert 'aria-sort="ascending"' in body
    assert "sort=-score" in body
    assert shows(body, "1–14 of 20 · revenue $7.9M")
    assert 'name="sort" value="score" form="filter-form"' in body


def test_rows_lead_somewhere_and_escape(listed):
    body = listed(q="Herrera").render().content.decode()
    assert 'data-href="/t/mercy/kit/partner/?pk=' in body
    assert "Dr. Tomás &lt;Herrera&gt;" in body


def test_empty_list_says_what_to_do_first(listed):
    body = listed(none="1").render().content.decode()
    assert "No providers yet" in body
    assert "Add provider" in body


def test_filters_say_any_instead_of_dashes(listed):
    body = listed().render().content.decode()
    assert "-----" not in body
    assert "Unknown" not in body
    assert body.count(">Any<") == 2
