/**
 * The read side of clusters: what views may load.
 */
import type { IDisposable } from '@lumino/disposable';
import type { ISignal } from '@lumino/signaling';

import type { Catalogue } from './catalogue';
import type { Cluster, EventPage, ExecutorList, JobList, LogFile, LogPiece, NodeResources, Sample } from './wire';

/** All clusters, kept up to date, and the details of each. */
export interface ClusterSource {
  /** Emitted when anything that is shown has changed. */
  readonly changed: ISignal<unknown, void>;
  /** Pinned clusters first, then those that are up; `null` = not loaded yet. */
  readonly all: readonly Cluster[] | null;
  /** Name of the user; "" = not loaded yet. */
  readonly user: string;
  /** Why `all` may be out of date; "" = it is current. */
  readonly problem: string;
  /** `null` = not loaded yet. */
  readonly catalogue: Catalogue | null;
  find(clusterId: string): Cluster | undefined;
  /** Return one cluster with the spec that its user wrote. */
  get(clusterId: string): Promise<Cluster>;
  /** Return a page of a cluster's events, newest first; no `types` = all. */
  events(clusterId: string, offset: number, types: readonly string[]): Promise<EventPage>;
  logs(clusterId: string): Promise<LogFile[]>;
  /** Return the end of a log, or the part from `offset` on, bytes. */
  log(clusterId: string, path: string, offset?: number): Promise<LogPiece>;
  /** Return the URL of a log's download. */
  logUrl(clusterId: string, path: string): string;
  /** Return the samples of the last hour in which the cluster was up, later than `sinceMs`, oldest first. */
  metrics(clusterId: string, sinceMs: number): Promise<Sample[]>;
  /** Return the newest jobs that run, or ended later than `sinceMs` by the server's clock. */
  jobs(clusterId: string, sinceMs: number): Promise<JobList>;
  /** Return the load of a cluster, and the tasks of each executor. */
  executors(clusterId: string): Promise<ExecutorList>;
  /** Return the nodes of a cluster, the driver first. */
  resources(clusterId: string): Promise<NodeResources[]>;
  /** Return the URLs of the web UIs of Spark's driver and master. */
  sparkUiUrl(clusterId: string): string;
  masterUiUrl(clusterId: string): string;
  /** Keep load and idle times fresh until the result is disposed of: they are on screen. */
  watch(): IDisposable;
}
