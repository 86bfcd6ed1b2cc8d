"""Subject: what an event, a pulse or a sample is about."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

#: A kind of subject.
CLUSTER = "cluster"


@dataclass(frozen=True)
class Subject:
    """One object of the workspace. Ids are unique within a kind."""

    #: e.g. CLUSTER
    kind: str
    id: str

    @classmethod
    def cluster(cls, cluster_id: str) -> Self:
        """Return a cluster as a subject."""
        return cls(CLUSTER, cluster_id)
