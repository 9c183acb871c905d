import pytest

from prm.salesforce.people.rules import How, Person, address, found_by, standing_for


@pytest.mark.parametrize(
    ("written", "compared"),
    [
        ("Rita@Acme.example", "rita@acme.example"),
        (" rita@acme.example.invalid ", "rita@acme.example"),
        ("rita=acme.example@example.com", "rita@acme.example"),
        ("rita@example.com", "rita@example.com"),
        ("", ""),
    ],
)
def test_addresses_are_compared_as_they_were_before_a_sandbox_was_made(written, compared):
    assert address(written) == compared


RITA = Person("005R", "rita@acme.example", "rita.l@acme.example", is_active=True)
TWIN = Person("005T", "rita@acme.example", "other@acme.example", is_active=True)
LEFT = Person("005L", "rita@acme.example", "left@acme.example", is_active=False)
LOGIN = Person("005U", "shared@acme.example", "rita@acme.example", is_active=True)


@pytest.mark.parametrize(
    ("people", "found"),
    [
        ([RITA], (How.FOUND, "005R")),
        ([RITA, LEFT], (How.FOUND, "005R")),
        ([RITA, LOGIN], (How.FOUND, "005R")),
        ([LOGIN], (How.FOUND, "005U")),
        ([LEFT, LOGIN], (How.FOUND, "005U")),
        ([RITA, TWIN], (How.SEVERAL, "")),
        ([LEFT], (How.INACTIVE, "")),
        ([], (How.NOT_FOUND, "")),
    ],
)
def test_one_active_user_with_the_address_is_found_and_nobody_is_guessed(people, found):
    assert found_by("Rita@acme.example", people) == found


def test_nobody_without_an_address_is_found():
    assert found_by("", [Person("005X", "", "", is_active=True)]) == (How.NOT_FOUND, "")


def test_what_a_person_chose_goes_before_the_address_while_that_user_is_active():
    assert standing_for("rita@acme.example", [RITA, TWIN], is_chosen=True, wanted="005T") == (
        How.CHOSEN,
        "005T",
    )
    assert standing_for("rita@acme.example", [RITA, LEFT], is_chosen=True, wanted="005L") == (
        How.INACTIVE,
        "",
    )
    assert standing_for("rita@acme.example", [RITA], is_chosen=True, wanted="") == (How.LEFT, "")
