"""Running queries: `/query`, `/queryAll` and the Tooling API's, with pages and cursors."""
