"""Alarms: who sends clearly less, or more, than their own usual, with a known share of false ones.

Others call `service.watch_orders`, `queries` (who slips, what each list's false alarms are, `events_since`) and
`words`. `rules.py` is the method: Shiryaev–Roberts, from `reference/effectiveness.md`, section 9.
`digest_topics.py` is what the digest tells of them.
"""
