"""The models of the digest, so that Django finds them."""

from prm.digest.choices.models import DigestChoice, DigestDefault
from prm.digest.sending.models import DigestMail

__all__ = ["DigestChoice", "DigestDefault", "DigestMail"]
