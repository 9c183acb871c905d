"""The frame around every page: its layout, the viewer's theme and keys, and the form that changes them.

Called from outside: the context processor `context.ui`; `urls` is mounted at `/ui/`.
"""
