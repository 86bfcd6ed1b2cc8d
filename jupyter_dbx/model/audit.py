"""Audit records: who did what, on what, from where, and how it ended. None contains a value from a request's body.

Source: Databricks, Audit log reference.
"""

from __future__ import annotations

from dataclasses import dataclass

from jupyter_dbx.model.principal import is_same_name


@dataclass(frozen=True)
class AuditRecord:
    """One request that changed something, read a secret, or was refused."""

    #: when it was answered, ms since the epoch
    time: int
    request_id: str
    #: "" = nobody was recognized
    user_name: str
    #: how the user was authenticated, one of `Via`; "" = not at all
    via: str
    #: the kernel, or the id of the personal token; "" = neither
    by: str
    #: the address of the client
    source: str
    #: method and path of the route, e.g. "POST 2.1/clusters/start"
    action: str
    #: the object, e.g. "cluster 1128-…"; "" = none
    object: str
    #: HTTP status, and the error's code or "OK"
    status: int
    outcome: str
    #: number of such requests; the other fields are those of the last one
    count: int = 1


@dataclass(frozen=True)
class AuditFilter:
    """Which records are wanted; "" and None = all."""

    user_name: str = ""
    action: str = ""
    object: str = ""
    start_ms: int | None = None
    end_ms: int | None = None

    def fits(self, record: AuditRecord) -> bool:
        """Return whether a record is wanted."""
        return (
            (not self.user_name or is_same_name(self.user_name, record.user_name))
            and self.action in record.action
            and self.object in record.object
            and (self.start_ms is None or record.time >= self.start_ms)
            and (self.end_ms is None or record.time <= self.end_ms)
        )
