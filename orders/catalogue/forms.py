"""Input of the page of a product."""

from django import forms

from orders.catalogue.models import Product


class FamilyForm(forms.Form):
    """What family a product is of."""

    family = forms.CharField(
        max_length=80, required=False, help_text="What people call several products together."
    )


class MergeForm(forms.Form):
    """Which product this one is, by its code."""

    into = forms.CharField(label="It is the product", max_length=80, help_text="The code of the other one.")

    def clean_into(self) -> Product:
        """Find it: by the code as written, else as the only one that differs in capitals."""
        code = self.cleaned_data["into"].strip()
        found = list(Product.objects.filter(code=code)) or list(Product.objects.filter(code__iexact=code)[:2])
        if len(found) != 1:
            words = (
                "No product has this code."
                if not found
                else "Several products are written so: mind the capitals."
            )
            raise forms.ValidationError(words)
        return found[0]
