"""The models of the app's rooms."""

from activities.lists.runs.models import BringRow, BringRun

__all__ = ["BringRow", "BringRun"]
