"""Brings both sides in step: claims what changed, decides field by field, sends, reads, remembers.

The door is `run.sync(wish)`, in the background the task `salesforce.sync_tenant`. `models.py` is all that is
remembered; `decide.py` is the three-way rule, pure.
"""
