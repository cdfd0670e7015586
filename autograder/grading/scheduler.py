"""Where a Dask scheduler may listen, and the certificates it is spoken to with.

Whoever reaches one can read what is graded there and run programs on the workers.
"""

from __future__ import annotations

import ipaddress
import socket
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from autograder.errors import OperatorError
from autograder.messages import _

if TYPE_CHECKING:
    from distributed import Security


def checked_address(address: str) -> str:
    """``address`` with its scheme, where nobody else can listen: TLS, or this machine alone.

    Raises OperatorError otherwise.
    """
    whole = address if "://" in address else f"tcp://{address}"
    try:
        parts = urlsplit(whole)
        # As it is spelt: what goes by its first letters must not take TLS:// for something else.
        known = whole.startswith(("tcp://", "tls://")) and bool(parts.hostname and parts.port)
    except ValueError:
        known = False
    if not known:
        raise OperatorError(
            _(
                "{address}: is no address of a scheduler\n"
                "  fix: tls://host:8786, or tcp://127.0.0.1:8786 on this machine"
            ).format(address=address)
        )
    if parts.scheme == "tcp" and not _is_loopback(parts.hostname or ""):
        raise OperatorError(
            _(
                "{address}: others on the network could read every submission there, and run "
                "programs on the workers\n  fix: tls://, see docs/more-than-one-machine.md; or, "
                "on one machine alone, scheduler and workers with --host 127.0.0.1"
            ).format(address=whole)
        )
    return whole


def security_for(address: str) -> Security:
    """Certificates, from Dask's own configuration. Raises OperatorError where it has none."""
    try:
        from distributed import Security
    except ImportError as error:
        raise OperatorError(
            _(
                "--dask: dask.distributed is not installed\n"
                "  fix: pip install --editable '.[grade,cluster]'   (in the course repository)"
            )
        ) from error
    is_tls = address.startswith("tls:")
    security = Security(require_encryption=is_tls)
    keys = ("tls_ca_file", "tls_client_cert", "tls_client_key") if is_tls else ()
    if not all(getattr(security, key) for key in keys):
        raise OperatorError(
            _(
                "{address}: Dask is not told of certificates for it\n  fix: name them in Dask's "
                "configuration under distributed.comm.tls, as docs/more-than-one-machine.md shows"
            ).format(address=address)
        )
    return security


def _is_loopback(host: str) -> bool:
    """Whether every address of ``host`` is of this machine alone."""
    try:
        found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        return False
    addresses = [str(sockaddr[0]) for *_rest, sockaddr in found]
    return all(ipaddress.ip_address(one.partition("%")[0]).is_loopback for one in addresses)
