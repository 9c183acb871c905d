import pytest
from django import forms
from django.contrib.messages import get_messages
from django.http import HttpResponse

from prm.core.errors import Refused
from prm.ui.form_page import Done, act, form_page
from tests.ui.kit import NoMessages
from tests.ui.serving import kit_templates

pytestmark = pytest.mark.django_db


class NameForm(forms.Form):
    name = forms.CharField(max_length=5)


@pytest.fixture
def ask(rep_request, settings):
    """`ask(data, save)`: the page of a form, from a browser or (`sheet=True`) from the sheet."""
    settings.ROOT_URLCONF = "tests.ui.kit"
    settings.TEMPLATES = kit_templates(settings)

    def make(data=None, save=None, *, sheet=False, context=None):
        request = rep_request(htmx_target="sheet" if sheet else "")
        request._messages = NoMessages(request)
        if data is not None:
            request.method, request.POST = "POST", data
        form = NameForm(data)
        answer = form_page(
            request, form, "kit/name.html", context or {}, save=save or (lambda: Done("/next/"))
        )
        return answer, request, form

    return make


def told(request):
    return [str(message) for message in get_messages(request)]


def test_form_is_shown_without_asking_the_service(ask):
    answer, _, _ = ask(save=lambda: pytest.fail("saved"), context=lambda: {"title": "Rename"})
    assert answer.status_code == 200
    assert "Rename" in answer.content.decode()


@pytest.mark.parametrize(("sheet", "status"), [(False, 200), (True, 422)])
def test_unreadable_input_is_shown_again_and_not_saved(ask, sheet, status):
    answer, _, form = ask({"name": "far too long"}, lambda: pytest.fail("saved"), sheet=sheet)
    assert answer.status_code == status
    assert "far too long" in answer.content.decode()
    assert list(form.errors) == ["name"]


@pytest.mark.parametrize(("field", "shown_at"), [("name", "name"), ("partner", "__all__"), (None, "__all__")])
def test_refusal_goes_to_its_field_or_above_the_form(ask, field, shown_at):
    def save():
        raise Refused("Taken.", field=field, code="taken")

    answer, request, form = ask({"name": "Dana"}, save)
    assert form.errors == {shown_at: ["Taken."]}
    assert answer.status_code == 200
    assert told(request) == []


def test_refusal_undoes_what_was_saved_before_it(ask, django_user_model):
    def save():
        django_user_model.objects.create_user("dana@mercy.example")
        raise Refused("Taken.")

    ask({"name": "Dana"}, save)
    assert not django_user_model.objects.exists()


def test_saved_says_so_and_goes_on(ask):
    answer, request, _ = ask({"name": "Dana"}, lambda: Done("/next/", "Saved <b>", "61 → 64"))
    assert (answer.status_code, answer["Location"]) == (302, "/next/")
    (message,) = told(request)
    assert "Saved &lt;b&gt;" in message
    assert "61 → 64" in message


def test_saved_without_words_says_nothing(ask):
    _, request, _ = ask({"name": "Dana"}, lambda: Done("/next/"))
    assert told(request) == []


def test_save_may_answer_itself(ask):
    answer, _, _ = ask({"name": "Dana"}, lambda: HttpResponse("the secret"))
    assert answer.content == b"the secret"


@pytest.mark.parametrize(
    ("title", "words"), [("", ["Too late."]), ("Not undone.", ["Not undone.", "Too late."])]
)
def test_refused_button_says_why_where_the_reader_is(rep_request, title, words):
    def work():
        raise Refused("Too late.")

    request = rep_request()
    request._messages = NoMessages(request)
    answer = act(request, work, stay_url="/here/", refused_title=title)
    assert answer["Location"] == "/here/"
    (message,) = get_messages(request)
    assert message.level_tag == "error"
    assert all(word in message.message for word in words)
