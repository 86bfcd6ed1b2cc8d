"""Seal: encrypts values of secrets with a key that is derived from the workspace's, and never stored."""

from __future__ import annotations

import secrets

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from jupyter_dbx.model.driver import derive_secret

#: Fresh for each value, bytes. Source: NIST SP 800-38D, section 8.2.
_NONCE_BYTES = 12


class WrongSeal(Exception):
    """The value was sealed with another key, for another secret, or changed since."""


class Seal:
    """AES-256 in Galois/counter mode: nobody without the workspace's key reads a value, or changes it unnoticed.

    Parameters
    ----------
    workspace_key : secret bytes, of the workspace's key file
    """

    def __init__(self, workspace_key: bytes) -> None:
        self._cipher = AESGCM(bytes.fromhex(derive_secret(workspace_key, "secrets", "values")))

    def close(self, value: bytes, *whose: str) -> bytes:
        """Return the value encrypted, of no use for any other than `whose` secret it is: its scope and key."""
        nonce = secrets.token_bytes(_NONCE_BYTES)
        return nonce + self._cipher.encrypt(nonce, value, _label(whose))

    def open(self, sealed: bytes, *whose: str) -> bytes:
        """Return the value.

        Raises
        ------
        WrongSeal : it cannot be read
        """
        try:
            return self._cipher.decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], _label(whose))
        except (InvalidTag, ValueError):  # ValueError: it is shorter than a seal
            raise WrongSeal from None


def _label(whose: tuple[str, ...]) -> bytes:
    return "\x1f".join(whose).encode()
