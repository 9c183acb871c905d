"""A company as it describes itself: its settings, the way it gets set up, and sample data to look around with.

Rooms: `settings` (name, mark, words, money, time), `setup` (the steps a new company takes), `sample` (filled and
removed). Others ask for nothing here; they contribute `setup_steps.py` and `settings_parts.py`, and hear of changes by
the signals in `settings.moves`.
"""
