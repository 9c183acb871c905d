"""Application config of the company."""

from django.apps import AppConfig

from prm.core.registry import contributed, discover
from prm.tenancy.signals import system_connecting


class CompanyConfig(AppConfig):
    """Finds every app's `setup_steps.py`, `settings_parts.py`, `settings_tabs.py` and `kept_data.py`, the way Django finds `admin.py`."""

    name = "prm.company"
    label = "company"
    verbose_name = "Company"

    def ready(self) -> None:
        """Register the steps and parts of all apps; a broken one stops the start."""
        from prm.company.keeping import registry as keeping  # noqa: PLC0415 - cycle of apps at start
        from prm.company.settings import parts, tabs  # noqa: PLC0415 - cycle of apps at start
        from prm.company.setup import registry  # noqa: PLC0415 - cycle of apps at start

        for module in discover("setup_steps", "STEPS"):
            registry.register(contributed(module, "STEPS", registry.SetupStep))
        for module in discover("settings_parts", "SETTINGS_PARTS"):
            parts.register(contributed(module, "SETTINGS_PARTS", parts.SettingsPart))
        for module in discover("settings_tabs", "TABS"):
            tabs.register(contributed(module, "TABS", tabs.SettingsTab))
        for module in discover("kept_data", "KEPT"):
            keeping.register(contributed(module, "KEPT", keeping.Kept))
        system_connecting.connect(_keep_samples_in, dispatch_uid="company.sample")


def _keep_samples_in(**_: object) -> None:
    from prm.company.sample.service import refuse_with_sample_data  # noqa: PLC0415 - cycle of apps at start

    refuse_with_sample_data()
