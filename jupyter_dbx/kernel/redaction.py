"""Redaction: takes the values of secrets that the notebook has read out of everything that the kernel shows."""

from __future__ import annotations

import functools
import html
import json
import re
from typing import Any

from jupyter_dbx.model.wire import Json

#: What stands in place of a value.
MARK = "[REDACTED]"

#: Shorter values are shown, characters: they are in many words by chance, so that hiding them would spoil every output and
#: still not keep them secret.
LEAST_CHARACTERS = 3

#: Kind of a message → where it has what is shown. The rest are words of the protocol, which may be some secret's value.
#: Source: Jupyter, Messaging in Jupyter.
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
    "debug_reply": ("body",),
    "debug_event": ("body",),
}

#: Kinds of messages in which names of fields are a user's too: JSON that is shown.
_DISPLAYS = frozenset({"display_data", "update_display_data", "execute_result"})

#: What is base64, in which a short value is found by chance.
_BINARY = re.compile(r"(image|audio|video|font)/(?!svg)|application/(pdf|octet-stream)")


class Redaction:
    """The values that nobody may see.

    A value is found where it is written as it is, or as Python, JSON or HTML spell it. What was changed (reversed, encoded) or
    comes in pieces, with something in between or in several messages, is shown: this prevents mishaps, not intent.

    Source: Databricks, Secret redaction.
    """

    def __init__(self) -> None:
        self._spellings: frozenset[str] = frozenset()
        self._pattern = re.compile("")

    def install(self, session: Any) -> None:
        """Let every message of a kernel's `jupyter_client` session pass through here."""
        # The last step before a message leaves, on whatever channel and by whomever it is sent.
        serialize = session.serialize

        @functools.wraps(serialize)
        def redacted(msg: Json, ident: Any = None) -> list[bytes]:
            return serialize(self.redact(msg) if self._spellings else msg, ident)  # type: ignore[no-any-return]

        session.serialize = redacted

    def hide(self, value: bytes) -> None:
        """Hide a value from now on."""
        new = _spellings_of(value) - self._spellings
        if new:
            known = self._spellings | new
            # The longest first: a value may be part of another.
            self._pattern = re.compile("|".join(map(re.escape, sorted(known, key=len, reverse=True))))
            self._spellings = known

    def redact(self, message: Json) -> Json:
        """Return a message with MARK in place of each value."""
        kind, content = message["header"]["msg_type"], message.get("content")
        if kind not in _SHOWN or not isinstance(content, dict):
            return message
        with_names = kind in _DISPLAYS
        shown = {name: self._hidden(content[name], with_names) for name in _SHOWN[kind] if name in content}
        return message | {"content": content | shown}

    def _hidden(self, value: Any, with_names: bool) -> Any:
        match value:
            case str():
                # Looking first is much faster where nothing is found, which is nearly always.
                return self._pattern.sub(MARK, value) if any(s in value for s in self._spellings) else value
            case dict():
                return {
                    self._hidden(name, with_names) if with_names else name: (
                        item if _BINARY.match(str(name)) else self._hidden(item, with_names)
                    )
                    for name, item in value.items()
                }
            case list() | tuple():
                return [self._hidden(item, with_names) for item in value]
        return value


def _spellings_of(value: bytes) -> frozenset[str]:
    spellings = {repr(value)[2:-1]}
    try:
        # Files end with a line break that nobody thinks of as a part of the password in them.
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
        # As a terminal has it, which is what `!command` writes to.
        text.replace("\n", "\r\n"),
    }
    return frozenset(s for s in spellings if len(s) >= LEAST_CHARACTERS)
