"""Input of the pages of contacts."""

from django import forms

from partners.contacts.models import Contact


class ContactForm(forms.Form):
    """A person at a partner."""

    name = forms.CharField(max_length=200)
    role = forms.CharField(
        max_length=120, required=False, help_text="Front desk, referral coordinator, office manager."
    )
    phone = forms.CharField(max_length=40, required=False)
    email = forms.EmailField(label="E-mail", required=False)
    is_preferred = forms.BooleanField(label="The one to ask for first", required=False)

    @staticmethod
    def initial_of(contact: Contact) -> dict[str, object]:
        """Return the values of a contact that is changed."""
        return {name: getattr(contact, name) for name in ContactForm.base_fields}
