"""Merges of very many rows, and what taking them back moves: written down, and done in the background.

`service.ask_merge` and `service.ask_undo` do what is small at once. What is large is a `MergeTask`; `progress` writes how far it is
and `presentation` shows it.
"""
