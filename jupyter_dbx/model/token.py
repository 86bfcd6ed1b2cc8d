"""Personal access tokens. None of these classes contains a token's value.

Source: Databricks REST API, Token and Token management.
"""

from __future__ import annotations

from dataclasses import dataclass

#: How the value of a token begins, so that scanners of leaked secrets recognize it; the rest are 32 hexadecimal digits.
PREFIX = "dapi"

#: Maximum number of tokens of one user. Source: Databricks, Resource limits.
MAX_TOKENS = 600

#: Longest comment, characters.
LONGEST_COMMENT = 1000


@dataclass(frozen=True)
class PersonalToken:
    """What is stored of a token."""

    #: key in the store, 32 hexadecimal digits
    token_id: str
    #: SHA-256 of its value, hexadecimal; a value has 128 random bits, so nothing slower is needed
    digest: str
    #: who created it, and for whom it acts
    user_name: str
    comment: str
    #: ms since the epoch; 0 = it does not expire
    created_ms: int
    expires_ms: int
    #: when it was last used, to the minute, ms since the epoch; 0 = never
    last_used_ms: int = 0
    version: int = 0

    def is_valid(self, now_ms: int) -> bool:
        """Return whether it has not expired."""
        return not self.expires_ms or now_ms < self.expires_ms
