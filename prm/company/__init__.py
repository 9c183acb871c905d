"""A company as it describes itself: its settings, the way it gets set up, and sample data to look around with.

Rooms: `settings` (name, mark, words, money, time), `setup` (the steps a new company takes), `sample` (filled and
removed), `security` (a second step for everybody), `keeping` (what is kept how long). Others ask for nothing here; they contribute `setup_steps.py`, `settings_parts.py`, `settings_tabs.py` and `kept_data.py`, and hear of changes by
the signals in `settings.moves`.
"""
