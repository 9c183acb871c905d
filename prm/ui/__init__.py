"""The UI kit: formatting, components, charts and navigation of PRM's pages. See docs/ui.md."""
