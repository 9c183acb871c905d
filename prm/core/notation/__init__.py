"""How the reader of a page wants numbers, days and times written. Words stay English.

`styles` knows the notations; `reader` says which one the present page is written in. The middleware sets it; everywhere
else, in the API, exports, tasks and commands, the default holds.
"""
