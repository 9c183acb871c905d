"""Tier reviews: what the rules propose becomes the tier in force only by a manager's signed decision.

Others call `service` (decide, accept many, undo) and `words.review_words`. `board` is what the board shows.
"""
