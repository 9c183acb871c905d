"""The door for programs, as the registry finds it."""

from orders.doors.base import Credential, Door

DOOR = Door(
    key="rest", label="REST", credentials=(Credential("api_key", "API key with the scope orders:write"),)
)
