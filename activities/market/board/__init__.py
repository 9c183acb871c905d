"""The competition board: whom we lose to, where, since when and because of what, each ratio with its interval.

Called from outside: `report.board` (all figures of the page, for page, API and command), `rules` (pure).
"""
