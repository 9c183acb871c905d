import dataclasses
from types import SimpleNamespace
from unittest import mock

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.template import Context, Template
from django.test import override_settings

from prm.ui import navigation
from prm.ui.navigation import NavItem, navigation_for
from tests.ui import kit


def item(key="x", **more):
    return NavItem(
        **{
            "key": key,
            "label": key,
            "icon": "users",
            "url_name": "kit:list",
            "right": kit.KitRight.VISIT,
            **more,
        }
    )


@pytest.fixture
def shown(rep_request):
    """``shown(items, role)``: the navigation of a member with that role's rights."""

    def make(items, role="rep", **more):
        request = rep_request()
        request.rights = kit.RIGHTS[role]
        with (
            override_settings(ROOT_URLCONF="tests.ui.kit"),
            mock.patch.object(navigation, "registered", return_value=items),
        ):
            return navigation_for(request, **more)

    return make


def test_each_member_sees_what_their_rights_open_in_order(shown):
    nav = shown(kit.ITEMS, "manager")
    assert [(section.title, [link.label for link in section.links]) for section in nav.sections] == [
        ("", ["Overview", "Providers"]),
        ("Decide", ["Tier review"]),
        ("Revenue data", ["Unattributed orders"]),
    ]


def test_labels_use_the_tenants_own_words_and_counters_the_membership(shown):
    nav = shown([item(label=lambda: kit.TENANT.name, counter=lambda member_id: member_id.version)])
    (link,) = nav.sections[0].links
    assert (link.label, link.count) == ("Mercy Hospital", 4)


def test_phone_bar_has_five_places_and_the_log_button_in_the_middle(shown):
    bar = shown(kit.ITEMS, "rep").phone
    assert [link.phone_label for link in bar] == ["Today", "Providers", "Log visit", "Pipeline", "My panel"]
    assert [link.primary for link in bar] == [False, False, True, False, False]


def test_what_does_not_fit_the_phone_bar_is_under_more(shown):
    items = [item(f"k{place}", phone=True, order=place) for place in range(6)] + [
        item("rest", section="Decide")
    ]
    nav = shown(items)
    assert [link.key for link in nav.phone] == ["k0", "k1", "k2", "k3"]
    assert [link.key for section in nav.more for link in section.links] == ["k4", "k5", "rest"]


def test_five_items_that_fit_need_no_more(shown):
    assert shown(kit.ITEMS, "rep").more == []


def test_a_view_can_name_the_active_item(shown):
    nav = shown([item("a"), item("b")], nav_key="b")
    assert [link.active for link in nav.sections[0].links] == [False, True]


def test_active_is_the_exact_page_then_the_namespace(rep_request):
    items = [item("list", url_name="kit:list", order=1), item("form", url_name="kit:form", order=2)]
    request = rep_request()
    with (
        override_settings(ROOT_URLCONF="tests.ui.kit"),
        mock.patch.object(navigation, "registered", return_value=items),
    ):
        for name, active in (("form", [False, True]), ("partner", [True, False])):
            request.resolver_match = SimpleNamespace(view_name=f"kit:{name}", namespace="kit")
            assert [link.active for link in navigation_for(request).sections[0].links] == active


def test_nothing_outside_a_tenant(rep_request):
    request = rep_request()
    request.tenant = None
    assert navigation_for(request) is None


@pytest.mark.parametrize("wrong", [{"right": "boss"}, {"section": "Elsewhere"}])
def test_misspelt_rights_and_sections_are_refused(wrong):
    with pytest.raises(ImproperlyConfigured, match=r"boss|Elsewhere"):
        item(**wrong)


def test_every_registered_item_is_complete():
    """The apps' own items: their icons exist, their URLs resolve, their keys are unique."""
    from django.urls import reverse

    from prm.ui.icons import icon

    items = list(navigation.registered())
    assert items
    for one in items:
        icon(one.icon)
        reverse(one.url_name, kwargs={"tenant": "mercy"})
        assert dataclasses.is_dataclass(one)
    keys = [one.key for one in items]
    assert len(keys) == len(set(keys))


@pytest.mark.parametrize(
    ("sheet", "key", "active"), [(False, "b", [False, True]), (False, "", [False, False]), (True, "b", None)]
)
def test_template_tag_heeds_the_views_nav_key_and_draws_none_in_a_sheet(rep_request, sheet, key, active):
    request = rep_request()
    context = Context({"request": request, "ui": SimpleNamespace(sheet=sheet), "nav_key": key})
    with (
        override_settings(ROOT_URLCONF="tests.ui.kit"),
        mock.patch.object(navigation, "registered", return_value=[item("a"), item("b")]),
    ):
        nav = Template("{% load prm %}{% navigation as nav %}").render(context) or context["nav"]
    assert (nav and [link.active for link in nav.sections[0].links]) == active
