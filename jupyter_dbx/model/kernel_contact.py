"""KernelContact: what a kernel receives when it starts; a part of the driver protocol (see `protocol.py`)."""

from __future__ import annotations

import json
from collections.abc import Mapping, MutableMapping
from dataclasses import dataclass, field, fields

from jupyter_dbx.model.wire import to_document

_TAG_PREFIX = "dbx-"


@dataclass(frozen=True)
class KernelContact:
    """A kernel's identity and its server's URL: the environment variables `DBX_KERNEL_ID`, `DBX_NOTEBOOK`, …"""

    kernel_id: str = ""
    #: the notebook's path, or "" if it is unknown
    notebook: str = ""
    #: URL of the server that started this kernel, and the kernel's token; "" without a server
    server_url: str = ""
    kernel_token: str = ""
    #: the workspace's data folder, and the Jupyter server's root folder, which is `/Workspace`
    data_dir: str = ""
    root_dir: str = ""
    #: cluster of the notebook that runs this one, or ""
    cluster_id: str = ""
    #: ID or name of the cluster in the metadata of a notebook that a program runs, or ""
    named_cluster: str = ""
    #: values for the notebook's widgets, from the caller that runs it: name → value
    arguments: Mapping[str, str] = field(default_factory=dict)


def encode_contact(contact: KernelContact) -> dict[str, str]:
    """Return this contact as environment variables of a kernel."""
    return {
        f"DBX_{name.upper()}": value if isinstance(value, str) else json.dumps(value)
        for name, value in to_document(contact).items()
    }


def take_contact(environ: MutableMapping[str, str]) -> KernelContact:
    """Remove the variables of a kernel's contact from its environment, and return the contact.

    They are removed because a kernel that is started from a cell inherits the environment and would be taken for this one.
    """
    given = {f.name: environ.pop(f"DBX_{f.name.upper()}", "") for f in fields(KernelContact)}
    arguments = json.loads(given.pop("arguments") or "{}")
    return KernelContact(**given, arguments=arguments)


def job_tag(kernel_id: str) -> str:
    """Return the tag of all Spark jobs of a kernel."""
    return f"{_TAG_PREFIX}{kernel_id}"


def kernel_of_tag(tag: str) -> str:
    """Return the id of the kernel whose `job_tag` this is, or "" for other tags, such as those of cells."""
    return tag.removeprefix(_TAG_PREFIX) if tag.startswith(_TAG_PREFIX) and ":" not in tag else ""
