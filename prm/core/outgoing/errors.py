"""Why a request did not get its answer, in words of our own: nothing of what the other side said is in them.

::

    OutgoingError
    ├── AddressRefused      not an address that PRM calls; nothing was sent
    ├── NotReached          no connection came about; nothing was sent
    ├── Untrusted           the other side does not prove who it is; nothing was sent
    └── AnswerLost          it was sent, and no whole answer arrived: it may have been carried out
"""


class OutgoingError(Exception):
    """Base: `host` is what was to be reached, `reason` a few words that follow a colon."""

    sentence = "{host}: {reason}."

    def __init__(self, host: str, reason: str) -> None:
        super().__init__(self.sentence.format(host=host, reason=reason))
        self.host = host
        self.reason = reason


class AddressRefused(OutgoingError):
    """The address, its scheme or its port is not one that PRM calls."""

    sentence = "{host} may not be called from here: {reason}."


class NotReached(OutgoingError):
    """No such host, nobody listens, or nobody answered the call in time."""

    sentence = "{host} cannot be reached: {reason}."


class Untrusted(OutgoingError):
    """The certificate is not valid for this host."""

    sentence = "{host} does not prove its identity (TLS certificate)."


class AnswerLost(OutgoingError):
    """The answer broke off, took too long, or is too large."""

    sentence = "{host} did not answer: {reason}."
