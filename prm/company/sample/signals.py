"""What apps are told of sample data; `sample_filling` and `system_connecting` are in `prm.tenancy.signals`."""

from django.dispatch import Signal

# Before it is removed: who knows of something real that rests on it, in a way that no reference shows, raises `Refused`.
sample_removing = Signal()
# When its rows are gone, in the same transaction: apps make whole what they had before.
sample_removed = Signal()
