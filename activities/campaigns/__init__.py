"""Campaigns: what the company does to bring partners nearer, and whether it brought orders.

Rooms: `planning` (campaigns with their waves, members and links), `counting` (tracked links, the picture, what is counted and what
is filtered), `results` (reached, opened, came, ordered, against those held out). An app of Django's by itself (label `campaigns`), with
its own `apps`, `navigation`, `demo` and what it adds to score, timeline and Salesforce. Called from outside: `counting.queries` (what a
partner looked at). `addresses` says where links may lead; `partner_page`, `partner_tables`, `score_components` and `timeline_entries` are
what campaigns add elsewhere; `kept_data` says how long web visits are kept.
"""
