"""What the acts of this app ask for."""

from django import forms

from partners.kinds.queries import kind_choices
from prm.accounts.profile.choosing import MEMBERS
from prm.core.errors import Refused
from prm.ownfields.queries import here
from prm.ownfields.rules import LONGEST_TEXT
from prm.ui.fields import Cleaned
from prm.ui.pickers.fields import FEW, PickerField


class RepForm(forms.Form):
    """Whose panel; nobody's without one."""

    rep = PickerField(MEMBERS, few=FEW, required=False, label="Rep", help_text="Empty: nobody's panel.")

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]  # the stubs list every parameter
        self.fields["rep"].widget.empty_label = "Nobody"


class KindForm(forms.Form):
    """Which kind of partner they are."""

    kind = forms.ChoiceField(choices=kind_choices)


class ActiveForm(forms.Form):
    """Whether they are in the list, sums and panels."""

    active = forms.TypedChoiceField(
        label="In the list",
        choices=[("yes", "Active"), ("no", "Not active")],
        coerce=lambda value: value == "yes",
        widget=forms.RadioSelect(attrs={"class": "segments"}),
        initial="yes",
    )


class OwnForm(forms.Form):
    """Which of the tenant's own fields, and what all of them have in it from now on."""

    field = forms.ChoiceField(choices=lambda: [(field.key, field.name) for field in here("partner")])
    value = forms.CharField(
        required=False,
        max_length=LONGEST_TEXT,
        help_text="A date as 2026-11-23, a choice by its word. Empty: takes the value away.",
    )

    def clean(self) -> Cleaned:
        """Say at the value what its field cannot read."""
        data = self.cleaned_data
        field = next((one for one in here("partner") if one.key == data.get("field")), None)
        if field is not None:
            try:
                stored = field.read(data.get("value"))
            except Refused as refused:
                self.add_error("value", refused.message)
            else:
                data["plain"] = field.plain(stored) if stored else ""
                data["words"] = (
                    f"{field.words(stored)} in {field.name}" if stored else f"without {field.name}"
                )
        return data
