"""Tier reviews: what the rules propose becomes the tier in force only by a manager’s signed decision.

`cycle` is a review of a quarter, with its pages in `cycle_views.py`. Others call `service` (decide one or many, undo) and `words.review_words`. `board` is what the board shows.
`registry.py` takes what other apps put beside a proposal; `letters` are what a signed review writes.
`digest_topics.py` is what the digest tells of them.
"""
