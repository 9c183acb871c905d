"""What influences the relationship: visits, call plans, competition insights and budgets.

Rooms, each standing on those before it only:

- `market/budgets`, `market/competition`: opportunities with their budgets; insights about the competition
- `visits`: what a rep and a partner talked about, and what was promised
- `plans`: visits intended per partner, panels and their attainment
- `timeline`: a partner's story, of whatever the apps tell
- `today`: a rep's day
- `quick_log`: the one form that logs a visit with what came out of it

What the rooms share lies beside them: `checks.py` (of every door's input), `filters.py`, `rights.py`.
`navigation.py`, `partner_page.py`, `salesforce.py`, `score_components.py` and `timeline_entries.py` are
what this app adds elsewhere.
"""
