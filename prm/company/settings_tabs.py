"""The tabs of the settings that are the company's own: itself, how people sign in, what is kept how long."""

from prm.company.settings.tabs import SettingsTab

TABS = [
    SettingsTab(key="company", label="Company", url_name="company:settings", order=0),
    SettingsTab(key="security", label="Security", url_name="company:security", order=40),
    SettingsTab(key="data", label="Data and retention", url_name="company:data", order=50),
]
