"""The web kit: everything PRM's pages are made of that knows no word of the domain. See docs/ui.md.

- `form_page`: what every form and button does, shown, refused, saved; `fields` and `filters` read what people type
- `lists` and `tables`: list pages; `pickers`: one row of many, chosen by typing;
  `export`: what a list shows as CSV and workbook
- `navigation`: the menu, of what each app says in its `navigation.py`
- `components`, `icons`, `charts`, `parts`, `formatting`: what stands on a page; `templatetags/prm.py` hands it to templates
- `http`, `toasts`: answers to htmx and to plain browsers; `shell`: the frame around every page

It stands on `prm.core` alone; what it needs of a request it says by a Protocol.
"""
