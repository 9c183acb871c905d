"""Imports that programs send: files to a source, their progress and result, by API."""
