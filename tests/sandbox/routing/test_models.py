from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prm.sandbox.kit.messages import Response
from prm.sandbox.routing.models import Route, Router


def nothing(_request, *_parts):
    return Response()


@pytest.fixture(scope="module")
def router():
    made = Router()
    made.add(
        [
            Route("GET", "/sobjects", "all", nothing),
            Route("GET", "/sobjects/{}/describe", "describe", nothing),
            Route("GET", "/sobjects/{}/{}", "read", nothing),
            Route("*", "/open", "open", nothing),
        ]
    )
    return made


@given(st.text(min_size=1))
def test_a_segment_is_decoded_whatever_it_holds(router, key):
    found = router.find("GET", f"/sobjects/Account/{quote(key, safe='')}")
    assert list(found.parts) == ["Account", key] or key == "describe"


def test_the_first_route_that_fits_answers(router):
    assert router.find("GET", "/sobjects/Account/describe").name == "describe"
    assert router.find("GET", "/sobjects/").name == "all"
    assert router.find("HEAD", "/sobjects").name == "all"
    assert router.find("BREW", "/open").name == "open"


def test_a_wrong_method_is_told_from_an_unknown_path(router):
    wrong, unknown = router.find("POST", "/sobjects"), router.find("GET", "/elsewhere")
    assert (wrong.handler, wrong.wrong_method, wrong.name) == (None, True, "method not allowed")
    assert (unknown.handler, unknown.wrong_method, unknown.name) == (None, False, "unknown")
