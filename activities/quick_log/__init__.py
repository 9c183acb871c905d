"""The quick log: one form for a visit with purpose, intel and next step, an insight and a budget on the way.

Also corrections, undo, and what a visit did to the score. The rules and writes are those of
`activities.visits`; nothing is called from outside.
"""
