import pytest
from django.template import Context, Template

from prm.ui.forms import field_kind
from tests.html import shows
from tests.ui.kit import VisitForm


def row(form, name, options=""):
    page = Template(f"{{% load prm %}}{{% form_row form.{name} {options} %}}")
    return page.render(Context({"form": form}))


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("channel", "segments"),
        ("purpose", "chips"),
        ("because", "chips"),
        ("learned", "area"),
        ("step", "text"),
        ("competitor", "select"),
        ("private", "check"),
        ("secret", "password"),
    ],
)
def test_kind_follows_the_widget(name, kind):
    assert field_kind(VisitForm()[name]) == kind


def test_label_hint_and_optional():
    drawn = row(VisitForm(), "learned")
    assert shows(
        drawn, '<label class="prm-label" for="id_learned">What did you learn? <small>optional</small>'
    )
    assert 'aria-describedby="id_learned-hint"' in drawn
    assert '<p class="prm-hint" id="id_learned-hint">No patient names' in drawn
    assert "optional" not in row(VisitForm(), "learned", "optional=False")


def test_error_replaces_the_hint_and_is_announced():
    drawn = row(VisitForm({"amount": "many"}), "amount", "money='USD'")
    assert "was $48,000" not in drawn
    assert 'id="id_amount-hint" role="alert"' in drawn
    assert 'aria-invalid="true"' in drawn
    assert 'type="text"' in drawn
    assert 'value="many"' in drawn


def test_group_is_a_fieldset_whose_choices_are_labelled():
    drawn = row(VisitForm(initial={"purpose": "new"}), "purpose")
    assert "<fieldset" in drawn
    assert "<legend" in drawn
    assert drawn.count('type="radio"') == 4
    assert shows(drawn, 'value="new" id="id_purpose_1" checked')


def test_hostile_values_are_escaped():
    form = VisitForm({"step": '"><script>', "learned": "</textarea><script>"})
    assert "<script" not in row(form, "step") + row(form, "learned")
