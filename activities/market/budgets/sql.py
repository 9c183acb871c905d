"""Set-based SQL of budgets: the words of opportunities' names."""

from typing import Final

from prm.core.words.tables import WordTable

#: Written by triggers of activities_opportunity, read by the search.
NAMES: Final = WordTable(table="activities_opportunityword", owner="opportunity_id")
