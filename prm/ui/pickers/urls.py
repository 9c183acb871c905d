"""One address for each picker, `choose/<key>/`, under /t/<tenant>/."""

from django.urls import path

from prm.ui.pickers.pickers import registered
from prm.ui.pickers.views import options_of

app_name = "choose"
urlpatterns = [path(f"{picker.key}/", options_of(picker), name=picker.key) for picker in registered()]
