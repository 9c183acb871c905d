"""Pages of results: walked to their end they give each row once, also where rows sort the same."""

from collections import Counter
from contextlib import suppress
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rest_framework.request import Request
from rest_framework.test import APIRequestFactory

from prm.accounts.models import ApiKey
from prm.api.pagination import Cursor, PageNumber
from prm.core.errors import Refused
from tests.orders.factories import import_rows, make_source

EARLIER = datetime(2026, 5, 1, tzinfo=UTC)


def make_keys(moments):
    """Keys made at these moments (hours from the first); many may share one."""
    return ApiKey.objects.bulk_create(
        [
            ApiKey(
                name=f"key {n}", prefix=f"p{n}", secret_hash="x", created_at=EARLIER + timedelta(hours=hour)
            )
            for n, hour in enumerate(moments)
        ]
    )


def walk(paginator_class, **query):
    """Every page, as lists of ids, by following the links that are answered."""
    url, pages = "/keys/", []
    first = query
    while url:
        request = Request(APIRequestFactory().get(url, first or None))
        first = {}
        paginator = paginator_class()
        if isinstance(paginator, Cursor):
            paginator.ordering = ("-created_at", "-pk")
            rows = paginator.paginate_queryset(ApiKey.objects.all(), request)
        else:
            rows = paginator.paginate_queryset(ApiKey.objects.order_by("-created_at", "-pk"), request)
        pages.append([row.pk for row in rows])
        url = paginator.get_next_link()
        assert len(pages) < 100, "the links go round in a circle"
    return pages


@pytest.mark.parametrize("paginator", [Cursor, PageNumber])
@pytest.mark.parametrize("moments", [[0] * 25, list(range(25)), [0, 1] * 12 + [2], [5] * 12 + [1] * 13])
@pytest.mark.parametrize("size", [1, 4, 25])
def test_every_row_comes_once_whatever_sorts_the_same(in_mercy, paginator, moments, size):
    made = make_keys(moments)
    pages = walk(paginator, page_size=size)
    counted = Counter(pk for page in pages for pk in page)
    assert set(counted.values()) == {1}
    assert set(counted) == {row.pk for row in made}


def test_more_equal_rows_than_anybody_would_skip_through(in_mercy):
    """A cursor that counts its way through equal values stops counting at some number, and goes in a circle."""
    made = make_keys([0] * 1_100)
    pages = walk(Cursor, page_size=200)
    assert [len(page) for page in pages] == [200] * 5 + [100]
    assert {pk for page in pages for pk in page} == {row.pk for row in made}


@pytest.mark.parametrize("paginator", [Cursor, PageNumber])
def test_pages_come_in_the_order_of_the_list(in_mercy, paginator):
    make_keys([0, 3, 3, 1, 2, 2, 2, 9])
    wanted = list(ApiKey.objects.order_by("-created_at", "-pk").values_list("pk", flat=True))
    assert [pk for page in walk(paginator, page_size=3) for pk in page] == wanted


@pytest.mark.parametrize("paginator", [Cursor, PageNumber])
def test_no_page_is_longer_than_200_rows(in_mercy, paginator):
    make_keys([0] * 230)
    assert [len(page) for page in walk(paginator, page_size=100_000)] == [200, 30]


@pytest.mark.parametrize("paginator", [Cursor, PageNumber])
def test_an_empty_size_is_the_usual_one(in_mercy, paginator):
    make_keys([0] * 60)
    assert [len(page) for page in walk(paginator, page_size="")] == [50, 10]


@pytest.mark.parametrize("paginator", [Cursor, PageNumber])
@pytest.mark.parametrize("size", ["0", "-1", "many", "1.5", "２"])
def test_a_size_that_is_none_is_refused(in_mercy, paginator, size):
    with pytest.raises(Refused, match="1 or more"):
        walk(paginator, page_size=size)


@pytest.mark.parametrize("paginator", [Cursor, PageNumber])
def test_an_empty_list_is_one_empty_page(in_mercy, paginator):
    assert walk(paginator) == [[]]


def test_a_row_made_meanwhile_shifts_no_page_of_a_cursor(in_mercy):
    """Newest first: by page number the last row of a page would come again on the next."""
    make_keys(range(10))
    request = Request(APIRequestFactory().get("/keys/", {"page_size": 5}))
    paginator = Cursor()
    paginator.ordering = ("-created_at", "-pk")
    first = [row.pk for row in paginator.paginate_queryset(ApiKey.objects.all(), request)]
    ApiKey.objects.create(name="new", prefix="new", secret_hash="x", created_at=EARLIER + timedelta(days=9))
    again = Request(APIRequestFactory().get(paginator.get_next_link()))
    after = Cursor()
    after.ordering = ("-created_at", "-pk")
    second = [row.pk for row in after.paginate_queryset(ApiKey.objects.all(), again)]
    assert len(second) == 5
    assert set(first).isdisjoint(second)


@pytest.mark.parametrize("cursor", ["x", "cD1ub3doZXJl", "%00", "a" * 500])
def test_a_cursor_that_was_not_ours_is_refused_or_read_as_a_place(mercy, client_for, cursor):
    answer = client_for(mercy.manager).get("/api/v1/mercy/orders/", {"cursor": cursor})
    assert answer.status_code == 404
    assert answer.json()


def test_a_cursor_belongs_to_the_order_it_was_made_for(in_mercy, client_for):
    source = make_source()
    import_rows(source, *(f"N{n},2026-05-10,C,A,1,10" for n in range(3)))
    client = client_for(in_mercy.manager)
    first = client.get("/api/v1/mercy/orders/", {"page_size": 1}).json()
    assert client.get(first["next"]).json()["results"]
    other = client.get(first["next"] + "&ordering=amount")
    assert (other.status_code, other.json()["detail"]) == (
        404,
        "This cursor belongs to another order of the list.",
    )


def test_where_rows_went_away_the_links_still_lead_past_none(in_mercy):
    """The page behind a cursor is empty: going back from there begins with the row at the edge."""
    rows = make_keys([3, 2, 1, 0])
    request = Request(APIRequestFactory().get("/keys/", {"page_size": 2}))
    first = Cursor()
    first.ordering = ("-created_at",)
    assert first.paginate_queryset(ApiKey.objects.all(), request) == rows[:2]
    ApiKey.objects.filter(pk__in=[row.pk for row in rows[2:]]).delete()
    behind = Cursor()
    behind.ordering = ("-created_at",)
    assert (
        behind.paginate_queryset(
            ApiKey.objects.all(), Request(APIRequestFactory().get(first.get_next_link()))
        )
        == []
    )
    assert behind.get_next_link() is None
    back = Cursor()
    back.ordering = ("-created_at",)
    again = Request(APIRequestFactory().get(behind.get_previous_link()))
    assert back.paginate_queryset(ApiKey.objects.all(), again) == rows[:2]


@given(st.text(max_size=30))
def test_any_text_for_a_size_is_a_size_between_1_and_200_or_refused(text):
    request = Request(APIRequestFactory().get("/keys/", {"page_size": text}))
    for paginator in (Cursor(), PageNumber()):
        with suppress(Refused):
            assert 1 <= paginator.get_page_size(request) <= 200


def test_a_size_of_thousands_of_digits_is_a_size(rf):
    request = Request(rf.get("/keys/", {"page_size": "9" * 5_000}))
    assert PageNumber().get_page_size(request) == 200
