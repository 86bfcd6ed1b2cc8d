"""Secrets of daemons, web UIs and seats, derived from the workspace's key so that none of them is stored."""

from __future__ import annotations

import base64
import hashlib
import hmac
import uuid


def derive_secret(workspace_key: bytes, *purpose: str) -> str:
    """Return the secret for one purpose, e.g. ("cluster", id, generation, "spark.authenticate").

    Every secret of a cluster is derived from the workspace's key, so none has to be stored, and each generation has new ones.

    Returns
    -------
    64 hexadecimal characters

    Source: HMAC as a key derivation function, RFC 5869 (one expand step).
    """
    return hmac.new(workspace_key, "\x1f".join(purpose).encode(), hashlib.sha256).hexdigest()


def org_id(workspace_key: bytes) -> int:
    """Return the ID of the workspace, which Databricks calls organization ID; it reveals nothing about the key."""
    return int(derive_secret(workspace_key, "org-id")[:12], 16) + 1


def account_id(workspace_key: bytes) -> str:
    """Return the ID of the account that the workspace belongs to, a UUID; it reveals nothing about the key."""
    return str(uuid.UUID(derive_secret(workspace_key, "account-id")[:32], version=4))


def cluster_secret(workspace_key: bytes, cluster_id: str, generation: int, purpose: str) -> str:
    """Return a secret that only the daemons of one generation of one cluster know."""
    return derive_secret(workspace_key, "cluster", cluster_id, str(generation), purpose)


def ui_key(workspace_key: bytes, cluster_id: str, generation: int) -> str:
    """Return the signing key, base64url, for access to the web UIs of one generation of one cluster."""
    secret = cluster_secret(workspace_key, cluster_id, generation, "ui")
    return base64.urlsafe_b64encode(bytes.fromhex(secret)).decode()


def sign_ui_token(key: str) -> str:
    """Return a token that Spark's web servers with this key accept: a signed JWT without specific claims.

    Source: RFC 7519; HS256, RFC 7518 section 3.2.
    """
    head, claims = _base64url(b'{"alg":"HS256","typ":"JWT"}'), _base64url(b'{"sub":"jupyter_dbx"}')
    signed = f"{head}.{claims}"
    digest = hmac.new(base64.urlsafe_b64decode(key), signed.encode(), hashlib.sha256).digest()
    return f"{signed}.{_base64url(digest)}"


def _base64url(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def seat_ticket(driver_token: str, kernel_id: str) -> str:
    """Return the ticket with which one kernel, and no other client, takes its seat on a driver."""
    return derive_secret(driver_token.encode(), "seat", kernel_id)
