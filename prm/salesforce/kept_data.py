"""How long is kept what runs of the sync did."""

from prm.company.keeping.registry import Kept
from prm.salesforce.runs.run import KEPT_RUNS
from prm.ui.formatting import number

KEPT = [
    Kept(
        key="sync-runs",
        what=lambda: "What each run of the sync with Salesforce did",
        how_long=lambda: f"The last {number(KEPT_RUNS)}",
        order=60,
    )
]
