"""The models of this app's rooms, imported for Django to find."""
