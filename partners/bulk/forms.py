"""What the acts of this app ask for."""

from django import forms

from partners.kinds.queries import kind_choices
from prm.accounts.profile.choosing import MEMBERS
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
