"""Answers about the options of new clusters.

Source: Databricks REST API, Clusters.
"""

from __future__ import annotations

from jupyter_dbx.model.answers.answer import UNSET, Answer, Omittable


class NodeInstanceType(Answer, frozen=True):
    """The machine of a node type."""

    instance_type_id: str = ""
    local_disks: int = 0
    local_disk_size_gb: int = 0
    local_nvme_disks: int = 0
    local_nvme_disk_size_gb: int = 0


class NodeQuota(Answer, frozen=True):
    """The cores available for a node type."""

    status: tuple[str, ...] = ()
    available_core_quota: float = 0.0
    total_core_quota: float = 0.0


class NodeTypeDetails(Answer, frozen=True):
    """A node type. All fields are present, because clients sort by them without checking."""

    node_type_id: str = ""
    instance_type_id: str = ""
    description: str = ""
    category: str = ""
    memory_mb: int = 0
    num_cores: float = 0.0
    num_gpus: int = 0
    is_deprecated: bool = False
    is_hidden: bool = False
    is_io_cache_enabled: bool = False
    photon_driver_capable: bool = False
    photon_worker_capable: bool = False
    support_cluster_tags: bool = False
    support_ebs_volumes: bool = False
    support_port_forwarding: bool = False
    is_encrypted_in_transit: bool = False
    is_graviton: bool = False
    display_order: int = 0
    node_instance_type: NodeInstanceType = NodeInstanceType()
    node_info: NodeQuota = NodeQuota()


class NodeTypeList(Answer, frozen=True):
    """The available node types, smallest first."""

    node_types: tuple[NodeTypeDetails, ...] = ()


class SparkVersion(Answer, frozen=True):
    """A version of Spark."""

    key: str = ""
    name: str = ""


class SparkVersionList(Answer, frozen=True):
    """The available versions of Spark, the preferred one first."""

    versions: tuple[SparkVersion, ...] = ()


class ZoneList(Answer, frozen=True):
    """The availability zones."""

    zones: tuple[str, ...] = ()
    default_zone: str = ""


class IdleBounds(Answer, frozen=True):
    """Bounds of `autotermination_minutes`, both included; 0 (never) is allowed, too."""

    least: int = 0
    most: int = 0


class Room(Answer, frozen=True):
    """The capacity for all clusters together, and what is available of it."""

    memory_mib: int = 0
    cores: int = 0
    free_memory_mib: int = 0
    free_cores: int = 0


class Limits(Answer, frozen=True):
    """Limits for clusters."""

    autotermination_minutes: IdleBounds = IdleBounds()
    #: omitted if it is not known in advance
    capacity: Omittable[Room] = UNSET
