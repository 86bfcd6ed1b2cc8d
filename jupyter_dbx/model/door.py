"""Door: what a user's own Jupyter server tells a shared control plane with each request that it passes on.

Whoever may make a request may claim all of this. It adds no right: it names notebooks and kernels of the caller, and with a
kernel's id the request loses the rights that notebooks do not have.
"""

from __future__ import annotations

import json
import re
from dataclasses import asdict, dataclass
from typing import ClassVar
from urllib.parse import quote, unquote, urlsplit

from jupyter_dbx.model.errors import InvalidParameterValue

#: The version of a package, as far as it counts here: major and minor.
_VERSION = re.compile(r"(\d{1,9})\.(\d{1,9})")

#: Longest value of the header, characters: paths have at most 4,096 bytes, of which each may become three characters.
LONGEST = 32_768

#: What a URL may contain that ends up in links: no quotes, brackets and spaces.
_URL = re.compile(r"https?://(?:[\w.-]+|\[[0-9a-fA-F:.]+\])(?::\d+)?/[\w.@~%/+-]*(?<=/)")


@dataclass(frozen=True)
class Door:
    """A user's own Jupyter server, and the kernel and notebook that a request is about."""

    #: name of the header that contains it
    HEADER: ClassVar[str] = "X-Jupyter-Dbx-Door"

    #: version of jupyter_dbx there
    version: str
    #: URL under which the user reaches the server, with a trailing slash
    url: str
    #: root folder of its notebooks
    root_dir: str = ""
    #: the kernel whose token it was, or ""
    kernel_id: str = ""
    #: absolute path of the notebook of the kernel that the request's path names, or ""
    notebook: str = ""
    #: True for a caller that sends its token with each request, as no page does
    is_program: bool = False

    @property
    def path(self) -> str:
        """Return the path of the URL: the base URL of links."""
        return urlsplit(self.url).path

    def encode(self) -> str:
        """Return it as the value of a header."""
        return quote(json.dumps(asdict(self)), safe="")

    @classmethod
    def decode(cls, value: str, own_version: str) -> Door:
        """Return the door in a header.

        Raises
        ------
        InvalidParameterValue : it is none, or of a version that cannot work with this one
        """
        try:
            if len(value) > LONGEST:
                raise ValueError
            fields = json.loads(unquote(value, errors="strict"))
            # A newer server may say more.
            door = cls(**{name: fields[name] for name in cls.__dataclass_fields__ if name in fields})
            if not all(
                isinstance(value, bool if name == "is_program" else str) for name, value in asdict(door).items()
            ):
                raise TypeError
        except (ValueError, TypeError, AttributeError, RecursionError):
            raise InvalidParameterValue(f"The header {cls.HEADER} is malformed.") from None
        if not are_compatible(door.version, own_version):
            raise InvalidParameterValue(
                f"This Jupyter server has jupyter_dbx {door.version}, and its control plane has {own_version}. They may differ "
                "by one minor version: upgrade the older one."
            )
        if not _URL.fullmatch(door.url) or "//" in door.url.partition("://")[2]:
            raise InvalidParameterValue(f"The header {cls.HEADER} has no valid URL.")
        return door


def are_compatible(one: str, other: str) -> bool:
    """Return whether two versions of jupyter_dbx work together: they differ by one minor version at most."""
    versions = _VERSION.match(one), _VERSION.match(other)
    if not (versions[0] and versions[1]):
        return False
    (major, minor), (other_major, other_minor) = (map(int, found.groups()) for found in versions if found)
    return major == other_major and abs(minor - other_minor) <= 1
