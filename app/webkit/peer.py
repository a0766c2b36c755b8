"""Who is at the other end of a connection, for pacing: an address that they can not choose."""

from ipaddress import IPv6Address, ip_address

from flask import current_app, request


def peer() -> str:
    """The address that connected; behind a proxy of ours (SHULIN_PROXY=1) the one that it wrote into X-Forwarded-For, the last there.

    What a client wrote into that header itself stands before it, and is never read. An IPv6 network of one subscriber is one peer.
    """
    said = request.remote_addr or ""
    if current_app.config["SETTINGS"].proxied:
        said = request.headers.get("X-Forwarded-For", "").rsplit(",", 1)[-1].strip() or said
    try:
        found = ip_address(said)
    except ValueError:
        return "unknown"
    return f"{IPv6Address(int(found) >> 64 << 64)}/64" if isinstance(found, IPv6Address) else str(found)
