"""The health page, what it reads, and what the pages of all rooms of the sync share (`actions.py`)."""
