"""HTTP only to addresses of the public internet: who may name an address must not reach what stands behind our wall."""

import socket
from collections.abc import Callable
from contextlib import suppress
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address

import httpx

NAT64 = IPv6Network("64:ff9b::/96")
"""RFC 6052: the last 32 bits are an IPv4 address."""
MOST_TRIED = 3

Resolve = Callable[[str, int], list[str]]


class NotPublic(Exception):
    """The name leads to an address of a private network, this machine, or nobody. Says neither."""


class PublicTransport(httpx.BaseTransport):
    """Resolves a name once, and connects to the very addresses that were looked at.

    To look first and let somebody else resolve again would be open to a name that changes its answer in between.
    """

    def __init__(self, resolve: Resolve | None = None, verify: bool | str = True) -> None:
        """`verify` as httpx.HTTPTransport: a path is a certificate of one's own authority."""
        self._resolve = resolve or resolved
        # No connection is used twice: it would be found by its address, and may have been made for another name.
        self._inner = httpx.HTTPTransport(verify=verify, limits=httpx.Limits(max_keepalive_connections=0))

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Raises NotPublic, and as httpx.HTTPTransport."""
        host, url = request.url.host, request.url
        try:
            found = self._resolve(host, url.port or {"https": 443}.get(url.scheme, 80))
        except (OSError, UnicodeError) as unknown:
            raise httpx.ConnectError(f"the name is not known ({type(unknown).__name__})", request=request) from None
        if not found or not all(is_public(ip_address(address)) for address in found):
            raise NotPublic("the address is none of the public internet")
        tried = found[:MOST_TRIED]
        for address in tried[:-1]:
            with suppress(httpx.ConnectError):
                return self._inner.handle_request(_to(request, address))
        return self._inner.handle_request(_to(request, tried[-1]))

    def close(self) -> None:
        self._inner.close()


def is_public(address: IPv4Address | IPv6Address) -> bool:
    """Addresses that wrap an IPv4 address are judged by it."""
    if isinstance(address, IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour or (address.teredo[1] if address.teredo else None)
        if inner is None and address in NAT64:
            inner = IPv4Address(int(address) & 0xFFFFFFFF)
        if inner is not None:
            return is_public(inner)
        address = IPv6Address(int(address))  # without its zone: fe80::1%eth0
    return address.is_global and not address.is_multicast and not address.is_reserved


def resolved(host: str, port: int) -> list[str]:
    """In the order that the system prefers. Raises OSError, UnicodeError."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(each[4][0]) for each in found))


def _to(request: httpx.Request, address: str) -> httpx.Request:
    """The same request, to be sent to `address`: name, certificate and header Host stay those of the name."""
    extensions = {**request.extensions, "sni_hostname": request.url.host}
    return httpx.Request(
        request.method,
        request.url.copy_with(host=address),
        headers=request.headers,  # Host among them
        stream=request.stream,
        extensions=extensions,
    )
