from urllib.parse import unquote

import pytest
from django.contrib.messages import get_messages
from django.test import override_settings

from prm.ui.http import (
    asks_for_progress,
    back_url,
    go_on,
    in_sheet,
    invalid,
    is_htmx,
    progress_piece,
    saved,
)  # fmt: skip
from prm.ui.parts import Progress
from prm.ui.shell.context import ui
from prm.ui.toasts import toast
from tests.test_architecture import ROOT, sources
from tests.ui.kit import NoMessages


@pytest.fixture
def sheet(rep_request):
    return rep_request(htmx_target="sheet")


def test_a_page_in_the_sheet_has_the_sheets_layout(rep_request, sheet):
    with override_settings(ROOT_URLCONF="tests.ui.kit"):
        assert ui(sheet)["layout"] == "components/sheet.html"
        assert ui(rep_request())["layout"] == "base.html"
        assert ui(rep_request(htmx_target="list"))["layout"] == "base.html"


def test_boosted_and_restored_pages_are_whole_pages(rep_request):
    request = rep_request(htmx_target="sheet")
    request.META["HTTP_HX_BOOSTED"] = "true"
    assert not is_htmx(request)
    assert not in_sheet(request)


def test_saved_redirects_browsers(rep_request):
    response = saved(rep_request(), "/t/mercy/")
    assert (response.status_code, response["Location"]) == (302, "/t/mercy/")


def test_saved_names_the_form_so_that_its_draft_goes(rep_request):
    cookie = saved(rep_request("/t/mercy/log/", partner="7"), "/t/mercy/").cookies["prm_saved"]
    assert unquote(cookie.value) == "/t/mercy/log/"
    assert (cookie["max-age"], cookie["samesite"]) == (60, "Lax")
    assert "prm_saved" not in go_on(rep_request("/t/mercy/log/"), "/t/mercy/").cookies


def test_saved_sends_htmx_to_the_next_page(sheet):
    response = saved(sheet, "/t/mercy/")
    assert (response.status_code, response["HX-Redirect"]) == (204, "/t/mercy/")


def test_saved_with_fragments_leaves_the_page_and_brings_the_toast(sheet):
    sheet._messages = NoMessages(sheet)
    toast(sheet, "Saved <b>", "61 → 64", undo_url="/undo/", undo_fields={"id": "7"})
    response = saved(sheet, "/t/mercy/", fragments=['<p id="row" hx-swap-oob="true">x</p>'])
    body = response.content.decode()
    assert (response["HX-Reswap"], response["HX-Trigger"]) == ("none", "prm:close-sheet")
    assert body.startswith('<p id="row"')
    assert "Saved &lt;b&gt;" in body
    assert '<form method="post" action="/undo/"' in body
    assert 'name="id" value="7"' in body


def test_toast_travels_as_a_message(rep_request):
    request = rep_request()
    request._messages = NoMessages(request)
    toast(request, "Not saved", kind="bad")
    (message,) = get_messages(request)
    assert message.level_tag == "error"


def test_only_the_piece_of_a_page_asks_for_progress(rep_request):
    assert asks_for_progress(rep_request("/t/mercy/", "progress", part="progress"))
    assert not asks_for_progress(rep_request("/t/mercy/", "progress", part="progressed"))
    assert not asks_for_progress(rep_request("/t/mercy/", part="progress")), "a person sees the page"


@pytest.mark.parametrize("over", [None, Progress(3, 3, running=False, page_url="/t/mercy/")])
def test_page_of_what_is_over_loads_whole_and_not_into_the_piece(rep_request, over):
    asked = rep_request("/t/mercy/", "progress", part="progress")
    running = progress_piece(asked, Progress(1, 3, page_url="/t/mercy/"))
    assert 'hx-get="/t/mercy/?part=progress"' in running.content.decode() and "HX-Refresh" not in running
    ended = progress_piece(asked, over)
    assert (ended["HX-Refresh"], ended.content) == ("true", b"")


def test_every_page_that_shows_progress_answers_for_it():
    """A page that forgot would be swapped whole into its own piece when the job is over."""
    templates = {
        file.relative_to(ROOT / "templates").as_posix(): file.read_text()
        for file in (ROOT / "templates").rglob("*.html")
    }
    shows: list[str] = []
    found = ["components/progress.html"]
    while found:
        # A page may include it through a part of its own.
        found = [name for name, text in templates.items() if any(f'"{one}"' in text for one in found)]
        shows += found
    views = {file: file.read_text() for file in sources()}
    renders = {
        (template, file) for template in shows for file, text in views.items() if f'"{template}"' in text
    }
    assert len(renders) >= 6
    assert [one for one in renders if "progress_piece" not in views[one[1]]] == []


def test_invalid_is_422_for_htmx_only(rep_request, sheet):
    context = {"errors": ["x"]}
    assert invalid(sheet, "components/form_errors.html", context).status_code == 422
    assert invalid(rep_request(), "components/form_errors.html", context).status_code == 200


@pytest.mark.parametrize(
    ("wanted", "gets"),
    [
        ("/t/mercy/", "/t/mercy/"),
        ("https://evil.example/", "/home"),
        ("//evil.example", "/home"),
        ("javascript:x", "/home"),
        ("", "/home"),
    ],
)
def test_back_url_stays_here(rf, wanted, gets):
    assert back_url(rf.get("/", {"next": wanted}), "/home") == gets


def test_progress_words():
    assert Progress(12_600, 18_211, seconds_left=3).headline == "12,600 of 18,211 rows"
    assert Progress(12_600, 18_211, seconds_left=3).note == "69%, about 3 seconds left"
    assert Progress(18_210, 18_211).note == "99%"
    assert Progress(5, None).headline == "5 rows"
    assert Progress(1, 2, seconds_left=7200, running=False).note == "50%"
    assert Progress(1, 2, seconds_left=240).note == "50%, about 4 minutes left"


class TestPreferences:
    @pytest.fixture
    def send(self, db, client):
        from prm.accounts.models import User

        user = User.objects.create_user("dana@mercy.example", "secret")
        client.force_login(user, backend="prm.accounts.signin.backend.AddressBackend")

        def post(**data):
            response = client.post("/ui/preferences/", data)
            user.refresh_from_db()
            return response, user

        return post

    def test_theme_and_keys_are_kept_in_the_profile(self, send):
        response, user = send(theme="dark", shortcuts="off", next="/t/mercy/")
        assert (response["Location"], user.theme, user.shortcuts) == ("/t/mercy/", "dark", False)

    @pytest.mark.parametrize("wrong", [{"theme": "pink"}, {"shortcuts": "maybe"}])
    def test_unknown_choices_change_nothing(self, send, wrong):
        response, user = send(**wrong)
        assert (response.status_code, user.theme, user.shortcuts) == (400, "system", True)

    def test_strangers_sign_in_first_and_come_back_to_their_page(self, db, client):
        here = {"Referer": "http://testserver/t/mercy/today/"}
        answer = client.post("/ui/preferences/", {"theme": "dark"}, headers=here)
        assert answer["Location"] == "/account/login/?next=/t/mercy/today/"
