"""Many partners changed at once: rep, kind, active, an own field, and what other apps add (call plans), each set-wise and undone as a whole.

`registry.py` takes the acts, `actions.py` has this app's own, `service.py` does one and takes it back. Pages and API stand
in `profiles`, which knows what the list shows.
"""
