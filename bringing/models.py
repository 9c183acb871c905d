"""The models of the app's rooms."""

from bringing.runs.models import BringRow, BringRun

__all__ = ["BringRow", "BringRun"]
