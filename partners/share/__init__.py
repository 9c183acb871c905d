"""Estimates of what a partner orders in a year, at us and elsewhere, and the questions to reps that bring them.

Others call `service.add_estimate`, `service.ask_reps` and `queries`. What follows from estimates, share and headroom,
is computed in `standing`.
"""
