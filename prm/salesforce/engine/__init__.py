"""Brings both sides in step: claims what changed, decides field by field, sends, reads, remembers.

Runs use it (`prm/salesforce/runs`). `models.py` is all that is remembered; `present.py` is a record as it is
here; `decide.py` is the three-way rule, pure.
"""
