"""A local org that speaks enough of the Salesforce API to demonstrate and test with.

Standard library only, never imported by the application. See README.md.
"""

from prm.sandbox.org import SandboxOrg
from prm.sandbox.server import SandboxServer

__all__ = ["SandboxOrg", "SandboxServer"]
