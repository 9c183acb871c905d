import pytest
from hypothesis import given
from hypothesis import strategies as st

from prm.sandbox.kit.errors import SandboxError
from prm.sandbox.schema.fields import choice, day, flag, moment, money, ref, text, whole
from prm.sandbox.schema.models import Field, label_of
from prm.sandbox.schema.values import show_value, store_value

FIELDS = [
    text("Name", 40),
    flag("IsActive"),
    money("Amount"),
    whole("Count"),
    day("Day"),
    moment("Moment"),
    ref("AccountId", "Account"),
    choice("Status", "Sent", "Responded", restricted=True),
    Field("Email", "email", length=80),
]
SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(allow_nan=False),
    st.text(max_size=50),
    st.dates().map(str),
    st.datetimes().map(lambda at: at.isoformat() + "Z"),
    st.sampled_from(["sent", "001000000000001", "a@b.example", "10.005"]),
)


@given(st.sampled_from(FIELDS), SCALARS)
def test_what_is_shown_is_stored_again_unchanged(field, value):
    try:
        stored = store_value(field, value)
    except SandboxError:
        return
    assert store_value(field, show_value(field, stored)) == stored


@given(st.sampled_from(FIELDS), st.text(" \t\n", max_size=5))
def test_empty_text_is_no_value(field, blank):
    if field.type == "boolean":
        with pytest.raises(SandboxError):
            store_value(field, blank)
    else:
        assert store_value(field, blank) is None


@given(st.sampled_from(FIELDS), st.lists(st.integers(), max_size=2) | st.dictionaries(st.text(), st.none()))
def test_arrays_and_objects_fit_no_field(field, value):
    with pytest.raises(SandboxError):
        store_value(field, value)


@pytest.mark.parametrize(("given_", "stored"), [(0.005, 0.01), (-0.005, -0.01), ("2.675", 2.68), (1, 1.0)])
def test_amounts_are_rounded_half_away_from_zero(given_, stored):
    assert store_value(money("Amount"), given_) == stored


def test_a_restricted_choice_gets_its_own_spelling():
    status = choice("Status", "Sent", "Responded", restricted=True)
    assert store_value(status, " SENT ") == "Sent"
    assert store_value(choice("Status", "Sent"), "anything") == "anything"


@pytest.mark.parametrize(
    ("name", "label"),
    [("BillingPostalCode", "Billing Postal Code"), ("AccountId", "Account ID"), ("PRM_Id__c", "PRM Id")],
)
def test_labels_are_made_from_names(name, label):
    assert label_of(name) == label
