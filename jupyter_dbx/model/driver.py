"""What a driver daemon says of itself, and the secrets that it and its cluster share."""

from __future__ import annotations

import base64
import dataclasses
import hashlib
import hmac
from dataclasses import dataclass

from jupyter_dbx.model.wire import Json

#: Version of the driver daemon's own HTTP and websocket protocol. A newer server adopts a driver of the same number.
PROTOCOL = 1

#: Session property that names the kernel which a session belongs to.
KERNEL_CONF = "spark.dbx.kernelId"


@dataclass(frozen=True)
class Executor:
    """One executor that is registered with the driver."""

    executor_id: str
    #: the node it runs on; "" when Spark does not say (local mode)
    node_id: str
    #: cores, count
    cores: int
    #: heap for storage, MiB
    memory_mib: int
    #: when it registered, ms since the epoch
    added_ms: int


@dataclass(frozen=True)
class Load:
    """How busy the cluster is at one instant."""

    #: tasks, count
    running_tasks: int = 0
    pending_tasks: int = 0
    #: cores, count
    busy_cores: int = 0
    total_cores: int = 0


@dataclass(frozen=True)
class Seat:
    """One kernel's session on the driver, without its secrets."""

    kernel_id: str
    #: of the kernel
    pid: int
    #: the notebook's path as the kernel gave it
    notebook: str
    since_ms: int
    #: True while a cell runs
    busy: bool


@dataclass(frozen=True)
class DriverStatus:
    """The answer of the driver daemon's `GET /status`."""

    protocol: int
    cluster_id: str
    generation: int
    #: True once the SparkContext is there
    ready: bool
    #: tells one life of this driver from another; workers of another life are replaced
    incarnation: str = ""
    #: `spark://…` once the master accepts; "" before, and for single-node clusters
    master_url: str = ""
    application_id: str = ""
    ui_url: str = ""
    #: of the master's pages; "" for single-node clusters
    master_ui_url: str = ""
    spark_version: str = ""
    #: e.g. "3.11"
    python_version: str = ""
    #: when the SparkContext started, ms since the epoch
    start_ms: int = 0
    jvm_pid: int = 0
    #: time since the last activity, s; 0 while something runs
    idle_s: float = 0.0
    #: time until it ends because nothing runs, s; None = it never does
    ends_in_s: float | None = None
    #: the last touch it was told of, ms since the epoch as the teller counts; 0 = none
    touched_ms: int = 0
    executors: tuple[Executor, ...] = ()
    seats: tuple[Seat, ...] = ()
    load: Load = Load()


@dataclass(frozen=True)
class Pulse:
    """What a driver said of itself when it was last asked: facts that change by the second."""

    cluster_id: str
    #: when, ms since the epoch
    at_ms: int
    load: Load
    idle_s: float
    ends_in_s: float | None
    seats: tuple[Seat, ...] = ()

    def to_wire(self) -> Json:
        """Return it as `/api/dbx/clusters` answers it."""
        return {
            "time": self.at_ms,
            "load": dataclasses.asdict(self.load),
            "idle_s": self.idle_s,
            "ends_in_s": self.ends_in_s,
            "notebooks": [dataclasses.asdict(seat) for seat in self.seats],
        }


def derive_secret(workspace_key: bytes, *purpose: str) -> str:
    """Return the secret for one purpose, e.g. ("cluster", id, generation, "spark.authenticate").

    Every secret of a cluster is computed from the workspace's one key, so none has to be stored, and a new generation has
    new ones.

    Returns
    -------
    64 hexadecimal characters

    Source: HMAC as a key derivation function, RFC 5869 (one expand step).
    """
    return hmac.new(workspace_key, "\x1f".join(purpose).encode(), hashlib.sha256).hexdigest()


def cluster_secret(workspace_key: bytes, cluster_id: str, generation: int, purpose: str) -> str:
    """Return a secret that only the daemons of one generation of one cluster know."""
    return derive_secret(workspace_key, "cluster", cluster_id, str(generation), purpose)


def ui_key(workspace_key: bytes, cluster_id: str, generation: int) -> str:
    """Return the key, base64url, that opens the web pages of one generation of one cluster."""
    secret = cluster_secret(workspace_key, cluster_id, generation, "ui")
    return base64.urlsafe_b64encode(bytes.fromhex(secret)).decode()


def sign_ui_token(key: str) -> str:
    """Return a token that Spark's web servers with this key let in: a signed JWT that claims nothing in particular.

    Source: RFC 7519; HS256, RFC 7518 section 3.2.
    """
    head, claims = _base64url(b'{"alg":"HS256","typ":"JWT"}'), _base64url(b'{"sub":"jupyter_dbx"}')
    signed = f"{head}.{claims}"
    digest = hmac.new(base64.urlsafe_b64decode(key), signed.encode(), hashlib.sha256).digest()
    return f"{signed}.{_base64url(digest)}"


def _base64url(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def seat_ticket(driver_token: str, kernel_id: str) -> str:
    """Return what lets one kernel, and nobody else, take its seat on a driver."""
    return derive_secret(driver_token.encode(), "seat", kernel_id)
