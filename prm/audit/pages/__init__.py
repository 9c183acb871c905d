"""The trail's page, export, API, and a row's own history (`views.history`) for the pages of other apps."""
