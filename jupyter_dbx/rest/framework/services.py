"""Services: what endpoints may use."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from jupyter_dbx.managers.attachments import AttachmentManager
from jupyter_dbx.managers.audit import AuditLog
from jupyter_dbx.managers.clusters import ClusterManager
from jupyter_dbx.managers.definitions import DefinitionManager
from jupyter_dbx.managers.kernel_tokens import KernelTokens
from jupyter_dbx.managers.logs import LogManager
from jupyter_dbx.managers.news import News
from jupyter_dbx.managers.people import People
from jupyter_dbx.managers.remote_kernels import RemoteKernels
from jupyter_dbx.managers.secrets import SecretManager
from jupyter_dbx.managers.sharing import Sharing
from jupyter_dbx.managers.spark_uis import SparkUis
from jupyter_dbx.managers.tokens import TokenManager
from jupyter_dbx.managers.usage import UsageManager
from jupyter_dbx.managers.work import WorkManager
from jupyter_dbx.rest.framework.identity import Identity


@dataclass(frozen=True)
class Services:
    """The services that endpoints may use."""

    clusters: ClusterManager
    definitions: DefinitionManager
    logs: LogManager
    usage: UsageManager
    work: WorkManager
    attachments: AttachmentManager
    secrets: SecretManager
    kernel_tokens: KernelTokens
    remote_kernels: RemoteKernels
    spark_uis: SparkUis
    news: News
    people: People
    sharing: Sharing
    tokens: TokenManager
    audit: AuditLog
    identity: Identity
    #: id of the workspace, a positive integer: Databricks' organization id
    org_id: int
    #: id of the account that the workspace belongs to, a UUID
    account_id: str
    #: the installed version of Spark, e.g. "4.3.0"
    spark_version: str
    #: the workspace's folder
    data_dir: str
    #: root folder of this server's notebooks
    root_dir: str
    #: kernel id → absolute path of its notebook, or None
    notebook_of: Callable[[str], Awaitable[str | None]]
    #: returns this for all kernels of this server that have a notebook
    notebooks: Callable[[], Awaitable[dict[str, str]]]
