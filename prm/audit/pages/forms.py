"""Input of the trail's page, and of how long it is kept."""

from datetime import timedelta
from uuid import UUID

from django import forms

from prm.accounts.models import Membership
from prm.audit.pages.choosing import PEOPLE
from prm.audit.trail.events import kind_choices
from prm.audit.trail.rules import LEAST_YEARS, MOST_YEARS
from prm.audit.trail.sql import Asked
from prm.audit.trail.states import Act, Door
from prm.core.calendar import day_start
from prm.tenancy.context import current_tenant
from prm.ui.fields import DayField
from prm.ui.formatting import day
from prm.ui.pickers.fields import PickerField


class TrailForm(forms.Form):
    """Which lines are asked for; nothing asks for all."""

    q = forms.CharField(label="Name or number", required=False, max_length=100)
    since = DayField(label="From", required=False)
    until = DayField(label="To", required=False)
    person = PickerField(PEOPLE, label="Person", required=False)
    door = forms.ChoiceField(label="Door", required=False, choices=[("", "Any"), *Door.choices])
    kind = forms.ChoiceField(label="Kind of row", required=False)
    act = forms.ChoiceField(label="What happened", required=False, choices=[("", "Any"), *Act.choices])
    row = forms.UUIDField(label="One row", required=False, widget=forms.HiddenInput)

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]  # the stubs list every parameter
        kind = self.fields["kind"]
        assert isinstance(kind, forms.ChoiceField)
        kind.choices = [("", "Any"), *kind_choices()]

    def asked(self, about: tuple[UUID, ...] | None = None) -> Asked:
        """Return what is asked for; `about`: what the words of `q` were found to mean. Call after `is_valid`."""
        data, tenant = self.cleaned_data, current_tenant()
        person: Membership | None = data["person"]
        row: UUID | None = data["row"]
        until = data["until"]
        return Asked(
            since=day_start(tenant, data["since"]) if data["since"] else None,
            until=day_start(tenant, until + timedelta(days=1)) if until else None,
            user_id=person.user_id if person else None,
            door=data["door"],
            kind=data["kind"],
            act=data["act"],
            about=(row,) if row else about,
        )

    def words(self) -> list[tuple[str, str, str]]:
        """Return the filters in force as name, label and words; call after `is_valid`."""
        data, found = self.cleaned_data, []
        for name, field in self.fields.items():
            value = data.get(name)
            if value in (None, ""):
                continue
            if isinstance(field, forms.ChoiceField) and not isinstance(field, PickerField):
                said = f"is {dict(field.choices)[value]}"  # type: ignore[arg-type]  # choices are pairs here
            elif isinstance(field, DayField):
                said = day(value)
            else:
                said = "" if name == "row" else f"“{value}”" if name == "q" else f"is {PEOPLE.name(value)}"
            found.append((name, str(field.label), said))
        return found


class RetentionForm(forms.Form):
    """For how long the trail is kept."""

    years = forms.IntegerField(
        label="Years",
        required=False,
        min_value=LEAST_YEARS,
        max_value=MOST_YEARS,
        help_text="Empty keeps it for good. What is older goes in the night after, for good, and that is a line here.",
    )
