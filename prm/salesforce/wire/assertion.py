"""Signed assertions (RFC 7523, JWT bearer): the app's key instead of a secret. Made here, and the keys as well.

Heavy to load, so `signin` loads it when somebody signs in this way.
"""

from __future__ import annotations

import secrets
from datetime import UTC, datetime, timedelta
from typing import Final

import jwt
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID

from prm.salesforce.wire.errors import Misconfigured

ASSERTION_SECONDS: Final = 180
"""How long an assertion holds: Salesforce takes at most five minutes, and clocks differ."""

CERTIFICATE_DAYS: Final = 825
KEY_BITS: Final = 2048


def assertion(*, client_id: str, username: str, audience: str, private_key: str, at: datetime) -> str:
    """Return a signed assertion that holds from `at` for three minutes. Raises `Misconfigured` for a bad key."""
    claims = {
        "iss": client_id,
        "sub": username,
        "aud": audience,
        "exp": int(at.timestamp()) + ASSERTION_SECONDS,
        "jti": secrets.token_urlsafe(16),
    }
    try:
        return jwt.encode(claims, private_key, algorithm="RS256")
    except (ValueError, TypeError, jwt.PyJWTError) as error:
        raise Misconfigured("The private key of this connection cannot be used.") from error


def new_key(name: str, at: datetime) -> tuple[str, str]:
    """Return a new private key and its self-signed certificate, both PEM. `name` is the certificate's common name."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=KEY_BITS)
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name[:64])])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        # A clock that is a little ahead of Salesforce's must not make it one of tomorrow.
        .not_valid_before(at.astimezone(UTC) - timedelta(days=1))
        .not_valid_after(at.astimezone(UTC) + timedelta(days=CERTIFICATE_DAYS))
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return private.decode(), certificate.public_bytes(serialization.Encoding.PEM).decode()


def checked_key(pem: str) -> str:
    """Return a private key in our form. Raises `Misconfigured` for what is none, is locked, or is no RSA key of 2048 bits."""
    try:
        key = serialization.load_pem_private_key(pem.encode(), password=None)
    except (ValueError, TypeError) as error:
        raise Misconfigured("That is no private key in PEM form without a password.") from error
    if not isinstance(key, rsa.RSAPrivateKey) or key.key_size < KEY_BITS:
        raise Misconfigured(f"The private key is not an RSA key of at least {KEY_BITS} bits.")
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()


def fingerprint(certificate: str) -> str:
    """Return the SHA-256 fingerprint of a certificate as people compare it, and as tools print it."""
    raw = x509.load_pem_x509_certificate(certificate.encode()).fingerprint(hashes.SHA256())
    return raw.hex(":").upper()


def ends_at(certificate: str) -> datetime:
    """Return until when a certificate holds."""
    return x509.load_pem_x509_certificate(certificate.encode()).not_valid_after_utc
