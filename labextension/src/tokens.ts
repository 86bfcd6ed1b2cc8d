/**
 * What plugins give each other.
 */
import { Token } from '@lumino/coreutils';
import { IDisposable } from '@lumino/disposable';
import { ISignal } from '@lumino/signaling';

import type { Catalogue, Cluster, EventPage, LogFile, LogPiece, NodeResources, Sample, Spec } from './services/wire';

/** Every cluster, kept up to date, and what can be asked of them. */
export interface IClusters {
  /** Emitted when something that is shown has changed. */
  readonly changed: ISignal<IClusters, void>;
  /** Pinned ones first, then those that are up; `null` = the server was not heard yet. */
  readonly all: Cluster[] | null;
  /** Why `all` may be out of date; "" = it is not. */
  readonly trouble: string;
  /** Node types by id; empty until they are known. */
  readonly catalogue: Catalogue | null;
  /** Fulfilled once the server was heard. */
  readonly ready: Promise<void>;
  /** Return whether something was asked of it from this page. */
  isAsked(clusterId: string): boolean;
  find(clusterId: string): Cluster | undefined;
  /** Return one cluster with the spec that its user wrote. */
  get(clusterId: string): Promise<Cluster>;
  /** Return what new clusters can be made of, asked anew. */
  loadCatalogue(): Promise<Catalogue>;
  /** Return the id of a new cluster. */
  create(spec: Spec): Promise<string>;
  edit(clusterId: string, spec: Spec): Promise<void>;
  /** Ask for a verb of the API, such as `start` or `permanent-delete`. */
  ask(verb: string, clusterId: string, args?: object): Promise<void>;
  extend(clusterId: string): Promise<void>;
  /** Return a page of a cluster's events, newest first; `types` empty = all. */
  events(clusterId: string, offset: number, types: readonly string[]): Promise<EventPage>;
  logs(clusterId: string): Promise<LogFile[]>;
  /** Return the end of a log, or what follows `offset`. */
  log(clusterId: string, path: string, offset?: number): Promise<LogPiece>;
  /** Return where a whole log can be downloaded. */
  logUrl(clusterId: string, path: string): string;
  /** Return how busy it was in the last hour in which it was up, later than `sinceMs`, oldest first. */
  metrics(clusterId: string, sinceMs: number): Promise<Sample[]>;
  /** Return what there is of it now, the driver first. */
  resources(clusterId: string): Promise<NodeResources[]>;
  /** Return where the pages of Spark's driver and of its master are. */
  sparkUiUrl(clusterId: string): string;
  masterUiUrl(clusterId: string): string;
  /** Keep load and idle times fresh until the result is disposed of: somebody looks at them. */
  watch(): IDisposable;
  refresh(): Promise<void>;
}

/** The token of the service. */
export const IClusters = new Token<IClusters>(
  'jupyter-dbx:IClusters',
  'Every Spark cluster of this server, kept up to date.'
);
