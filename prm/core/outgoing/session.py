"""A `requests.Session` for addresses that strangers give: checked, bounded in time and size, without redirects."""

import io
from typing import Any
from urllib.parse import urlsplit

import requests
from requests import Response
from requests.adapters import HTTPAdapter
from urllib3.exceptions import HTTPError
from urllib3.util import Timeout

from prm.core.outgoing.connections import POOLS
from prm.core.outgoing.errors import AddressRefused, AnswerLost, OutgoingError, Untrusted

__all__ = ["OutgoingSession", "Response"]

_PART = 64 * 1024


class _CheckedAdapter(HTTPAdapter):
    """Opens connections of `connections.py` only, and none to a proxy."""

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = dict(POOLS)

    def proxy_manager_for(self, proxy: str, **kwargs: Any) -> Any:
        raise AddressRefused(proxy, "PRM does not use proxies")


class OutgoingSession(requests.Session):
    """See the module's docstring. Any status is an answer; redirects too, unfollowed.

    Raises `OutgoingError`s only, for what does not end in a whole answer.
    """

    def __init__(self, *, seconds: float, most_bytes: int) -> None:
        """Set the total time of each exchange (connect, send, whole answer) and the largest decoded answer."""
        super().__init__()
        self.seconds = seconds
        self.most_bytes = most_bytes
        # No proxy, netrc file or certificates that variables of the environment name.
        self.trust_env = False
        self.adapters.clear()
        for scheme in ("https://", "http://"):
            self.mount(scheme, _CheckedAdapter())

    def request(self, method: str, url: str, *args: Any, **kwargs: Any) -> Response:  # type: ignore[override]
        """Send one request and return its whole answer."""
        kwargs |= {
            "timeout": Timeout(connect=self.seconds, total=self.seconds),
            "allow_redirects": False,
            "stream": True,
            "verify": True,
            "proxies": {},
        }
        try:
            return self._whole(super().request(method, url, *args, **kwargs))
        except requests.RequestException as error:
            raise _in_our_words(error, url) from error
        except UnicodeError as error:  # a host name that cannot be one
            raise AddressRefused("The address", "it is not a web address") from error

    def _whole(self, response: Response) -> Response:
        """Read a streamed answer to its end. Its time-out is in the connection (`TotalTimeResponse`)."""
        body = io.BytesIO()
        try:
            while part := response.raw.read1(_PART, decode_content=True):
                body.write(part)
                if body.tell() > self.most_bytes:
                    raise AnswerLost(_host(response.url), "the answer is too large")
        except HTTPError as error:
            raise requests.ConnectionError(error, request=response.request) from error
        finally:
            response.raw.close()
        body.seek(0)
        response.raw = body
        return response


def _in_our_words(error: requests.RequestException, url: str) -> OutgoingError:
    host = _host(url)
    if isinstance(error, requests.exceptions.SSLError):
        return Untrusted(host, "certificate")
    if isinstance(error, requests.Timeout) or _is_timeout(error):
        return AnswerLost(host, "timed out")
    if isinstance(error, ValueError):  # requests: InvalidURL, MissingSchema, InvalidSchema, and kin
        return AddressRefused(host or "The address", "it is not a web address")
    return AnswerLost(host, "connection lost")


def _is_timeout(error: BaseException) -> bool:
    """Whether a time-out is what an exception was made of, through all layers of wrapping."""
    seen: BaseException | None = error
    while seen is not None:
        if isinstance(seen, TimeoutError):
            return True
        inner = next((each for each in seen.args if isinstance(each, BaseException)), None)
        seen = inner or seen.__cause__ or seen.__context__
    return False


def _host(url: str) -> str:
    """Return host and port, without what an address may hold of names and passwords."""
    try:
        return urlsplit(url).netloc.rpartition("@")[2]
    except ValueError:
        return ""
