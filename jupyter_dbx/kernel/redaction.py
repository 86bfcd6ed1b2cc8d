"""Redaction: removes the values of secrets that the notebook has read from everything that the kernel sends."""

from __future__ import annotations

import functools
import html
import json
import re
from typing import Any

from jupyter_dbx.model.wire import Json

#: Replacement for a value.
MARK = "[REDACTED]"

#: Shorter values are not redacted, characters: they occur in many words by chance, so redacting them would spoil every output
#: and still reveal them.
MIN_CHARACTERS = 3

#: Message type → fields that are shown. Other fields belong to the protocol and must not change, even if they equal a secret.
#: Source: Jupyter, "Messaging in Jupyter".
_SHOWN = {
    "stream": ("text",),
    "display_data": ("data", "metadata"),
    "update_display_data": ("data", "metadata"),
    "execute_result": ("data", "metadata"),
    "error": ("evalue", "traceback"),
    "execute_reply": ("evalue", "traceback", "payload", "user_expressions"),
    "inspect_reply": ("data",),
    "input_request": ("prompt",),
    "comm_open": ("data",),
    "comm_msg": ("data",),
    "dbx_reply": ("result", "error"),
    "debug_reply": ("body",),
    "debug_event": ("body",),
}

#: Message types in which field names can be the user's, too: JSON that is shown.
_DISPLAYS = frozenset({"display_data", "update_display_data", "execute_result"})

#: MIME types in base64, in which a short value occurs by chance.
_BINARY = re.compile(r"(image|audio|video|font)/(?!svg)|application/(pdf|octet-stream)")


class Redaction:
    """The values to redact.

    A value is found verbatim, and as escaped by Python, JSON or HTML. A value that was transformed (reversed, encoded) or split
    (by other characters, over several messages) is not found: redaction prevents accidents, not intent.

    Source: Databricks, "Secret redaction".
    """

    def __init__(self) -> None:
        self._spellings: frozenset[str] = frozenset()
        self._pattern = re.compile("")

    def install(self, session: Any) -> None:
        """Redact every message of a kernel's `jupyter_client` session."""
        # The last step before a message is sent, on any channel.
        serialize = session.serialize

        @functools.wraps(serialize)
        def redacted(msg: Json, ident: Any = None) -> list[bytes]:
            return serialize(self.redact(msg) if self._spellings else msg, ident)  # type: ignore[no-any-return]

        session.serialize = redacted

    def hide(self, value: bytes) -> None:
        """Redact a value from now on."""
        new = _spellings_of(value) - self._spellings
        if new:
            known = self._spellings | new
            # Longest first: a value may be part of another.
            self._pattern = re.compile("|".join(map(re.escape, sorted(known, key=len, reverse=True))))
            self._spellings = known

    def redact(self, message: Json) -> Json:
        """Return a message with each value replaced by MARK."""
        kind, content = message["header"]["msg_type"], message.get("content")
        if kind not in _SHOWN or not isinstance(content, dict):
            return message
        with_names = kind in _DISPLAYS
        shown = {name: self._redacted(content[name], with_names) for name in _SHOWN[kind] if name in content}
        return message | {"content": content | shown}

    def _redacted(self, value: Any, with_names: bool) -> Any:
        match value:
            case str():
                # Checking first is much faster if nothing is found, which is the common case.
                return self._pattern.sub(MARK, value) if any(s in value for s in self._spellings) else value
            case dict():
                return {
                    self._redacted(name, with_names) if with_names else name: (
                        item if _BINARY.match(str(name)) else self._redacted(item, with_names)
                    )
                    for name, item in value.items()
                }
            case list() | tuple():
                return [self._redacted(item, with_names) for item in value]
        return value


def _spellings_of(value: bytes) -> frozenset[str]:
    spellings = {repr(value)[2:-1]}
    try:
        # A secret read from a file often ends with a line break that is not part of it.
        text = value.decode().strip()
    except UnicodeDecodeError:
        text = ""
    spellings |= {
        text,
        repr(text)[1:-1],
        json.dumps(text)[1:-1],
        json.dumps(text, ensure_ascii=False)[1:-1],
        html.escape(text),
        html.escape(text, quote=False),
        html.escape(html.escape(text)),  # HTML in the frame of `displayHTML`
        # `!command` writes to a terminal, which has these line breaks.
        text.replace("\n", "\r\n"),
    }
    return frozenset(s for s in spellings if len(s) >= MIN_CHARACTERS)
