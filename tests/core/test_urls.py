from types import SimpleNamespace

import pytest
from django.template import Context, Template
from django.urls import NoReverseMatch

from prm.core.ids import uuid7
from prm.core.urls import tenant_url

TENANT = SimpleNamespace(slug="mercy")


def test_tenant_url_names_the_page_of_the_tenant():
    key = uuid7()
    assert tenant_url(TENANT, "partners:list") == "/t/mercy/partners/"
    assert tenant_url(TENANT, "partners:detail", pk=key) == f"/t/mercy/partners/{key}/"


@pytest.mark.parametrize("arguments", [{}, {"pk": "not-a-key"}])
def test_tenant_url_refuses_a_page_that_is_not_there(arguments):
    with pytest.raises(NoReverseMatch):
        tenant_url(TENANT, "partners:detail", **arguments)


def test_the_template_tag_takes_the_tenant_of_the_request(rf):
    request = rf.get("/")
    request.tenant = TENANT
    context = Context({"request": request})
    assert Template("{% load prm %}{% tenant_url 'orders:list' %}").render(context) == "/t/mercy/orders/"
    with pytest.raises(NoReverseMatch):
        Template("{% load prm %}{% tenant_url 'orders:lost' %}").render(context)
