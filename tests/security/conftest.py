"""What only `make security` runs (PRM_SECURITY=1)."""

import os

collect_ignore = [] if os.environ.get("PRM_SECURITY") else ["test_callers.py"]
