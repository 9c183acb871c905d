"""Choosing one row among many by typing a few letters of it, in filters and forms.

Each app says in a `choosing.py` what can be chosen (`PICKERS`); found the way Django finds `admin.py`.

- `pickers`: what can be chosen, and who may ask for it
- `fields`: the form field with its combobox, and the filter; without script a text that must name one row
- `views` and `urls`: the options while somebody types
"""
