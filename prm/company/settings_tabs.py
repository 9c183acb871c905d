"""The first tab of the settings: the company itself."""

from prm.company.settings.tabs import SettingsTab

TABS = [SettingsTab(key="company", label="Company", url_name="company:settings", order=0)]
