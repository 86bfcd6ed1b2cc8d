"""Seal: encrypts the values of secrets with a key that is derived from the workspace's key and never stored."""

from __future__ import annotations

import secrets

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from jupyter_dbx.model.derived_secrets import derive_secret

#: Length of the random nonce of each value, bytes. Source: NIST SP 800-38D, section 8.2.
_NONCE_BYTES = 12


class WrongSeal(Exception):
    """The value was sealed with another key or for another secret, or it was modified."""


class Seal:
    """AES-256 in Galois/counter mode: only the workspace's key can decrypt a value, and modifications are detected.

    Parameters
    ----------
    workspace_key : secret bytes from the workspace's key file
    """

    def __init__(self, workspace_key: bytes) -> None:
        self._cipher = AESGCM(bytes.fromhex(derive_secret(workspace_key, "secrets", "values")))

    def close(self, value: bytes, *secret_id: str) -> bytes:
        """Return the encrypted value, bound to the scope and key of its secret."""
        nonce = secrets.token_bytes(_NONCE_BYTES)
        return nonce + self._cipher.encrypt(nonce, value, _label(secret_id))

    def open(self, sealed: bytes, *secret_id: str) -> bytes:
        """Return the value.

        Raises
        ------
        WrongSeal : it cannot be decrypted
        """
        try:
            return self._cipher.decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], _label(secret_id))
        except (InvalidTag, ValueError):  # ValueError: shorter than nonce and tag
            raise WrongSeal from None


def _label(secret_id: tuple[str, ...]) -> bytes:
    return "\x1f".join(secret_id).encode()
