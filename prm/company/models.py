"""The models of all rooms of the company, for Django to find."""

from prm.company.sample.models import SampleData, SampleRow
from prm.company.settings.models import CompanyChange, CompanyLogo

__all__ = ["CompanyChange", "CompanyLogo", "SampleData", "SampleRow"]
