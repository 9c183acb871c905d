"""A local org that speaks enough of the Salesforce API to demonstrate and test with.

Standard library only, never imported by the application. See README.md.
"""

from .org import SandboxOrg
from .server import SandboxServer

__all__ = ["SandboxOrg", "SandboxServer"]
