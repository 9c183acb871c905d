"""Input of the quick log and of corrections."""

from uuid import UUID

from django import forms
from django.db.models import QuerySet
from django.http import QueryDict

from activities.visits.models import Visit
from activities.visits.service import VisitInput
from activities.visits.states import Channel, Purpose
from partners.contacts.models import Contact
from partners.directory.models import Partner
from partners.merges.queries import present_id, survivor_of
from prm.core import clock
from prm.core.fields import LONGEST_TEXT
from prm.core.ids import uuid7
from prm.ownfields.forms import OwnFieldsMixin
from prm.ui.fields import DayField, MomentField

PICK = {"required": "Choose one of these."}


def _contacts_at(partner_id: object) -> "QuerySet[Contact]":
    """Return the people at a partner, none for what is no id of one."""
    try:
        return Contact.objects.filter(partner_id=UUID(str(partner_id))).order_by(
            "-is_preferred", "name", "pk"
        )
    except ValueError:
        return Contact.objects.none()


class VisitForm(OwnFieldsMixin, forms.Form):
    """What happened in one visit, with the tenant's own fields."""

    channel = forms.ChoiceField(
        label="How",
        choices=Channel,
        widget=forms.RadioSelect(attrs={"class": "segments"}),
        error_messages=PICK,
    )
    purpose = forms.ChoiceField(
        label="Purpose", choices=Purpose, widget=forms.RadioSelect, error_messages=PICK
    )
    learned = forms.CharField(
        label="What did you learn?",
        required=False,
        max_length=LONGEST_TEXT,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="No names of patients or policy holders. You can dictate.",
    )
    next_step = forms.CharField(label="Next step", required=False, max_length=200)
    next_step_due = DayField(label="Due", required=False)
    happened_at = MomentField(label="When")
    minutes = forms.IntegerField(label="Minutes", required=False, min_value=1, max_value=1440)
    purpose_other = forms.CharField(label="Other purpose, in a few words", required=False, max_length=80)
    met: "forms.ModelChoiceField[Contact]" = forms.ModelChoiceField(
        queryset=None, label="Whom did you meet?", required=False, empty_label="Nobody in particular"
    )

    def __init__(
        self,
        data: QueryDict | None = None,
        *,
        partner_id: object = None,
        initial: dict[str, object] | None = None,
        visit_id: UUID | None = None,
    ) -> None:
        super().__init__(data, initial=dict(initial or {}))
        self.add_own("visit", visit_id)
        # Those of one partner; a class has no tenant.
        self.fields["met"].queryset = _contacts_at(partner_id)  # type: ignore[attr-defined]

    def details(self) -> VisitInput:
        """Return the visit as the services take it; call after ``is_valid()``."""
        values = {name: self.cleaned_data[name] for name in VisitForm.base_fields if name != "met"}
        met: Contact | None = self.cleaned_data["met"]
        return VisitInput(**values, met_id=met.pk if met else None)

    @property
    def when_errors(self) -> bool:
        """Whether something is wrong in the part that is closed at first."""
        return any(name in self.errors for name in ("happened_at", "minutes", "purpose_other"))

    @staticmethod
    def initial_of(visit: Visit) -> dict[str, object]:
        """Return the values of a visit that is corrected."""
        return {name: getattr(visit, name) for name in VisitForm.base_fields}


class LogForm(VisitForm):
    """A new visit: which partner, and the id that makes sending it again harmless."""

    visit_id = forms.UUIDField(widget=forms.HiddenInput, required=False)
    partner: "forms.ModelChoiceField[Partner]" = forms.ModelChoiceField(
        queryset=None, widget=forms.HiddenInput
    )

    def __init__(self, data: QueryDict | None = None, *, initial: dict[str, object] | None = None) -> None:
        asked = data.get("partner") if data else (initial or {}).get("partner")
        super().__init__(data, partner_id=present_id(asked), initial=initial)
        self.fields["partner"].queryset = Partner.with_merged.all()  # type: ignore[attr-defined]

    def clean_partner(self) -> Partner:
        """Return the partner: who was merged since the form was opened is the one it is now."""
        return survivor_of(self.cleaned_data["partner"])

    @staticmethod
    def fresh(partner: Partner) -> dict[str, object]:
        """Return the values a new form starts with: now, in person, an id of its own."""
        return {
            "visit_id": uuid7(),
            "partner": partner.pk,
            "channel": Channel.IN_PERSON,
            "happened_at": clock.now(),
        }
