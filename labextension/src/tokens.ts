/**
 * What plugins give each other.
 */
import { Token } from '@lumino/coreutils';
import { IDisposable } from '@lumino/disposable';
import { ISignal } from '@lumino/signaling';

import type { Catalogue, Cluster, Spec } from './services/wire';

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
  /** Keep load and idle times fresh until the result is disposed of: somebody looks at them. */
  watch(): IDisposable;
  refresh(): Promise<void>;
}

/** The token of the service. */
export const IClusters = new Token<IClusters>(
  'jupyter-dbx:IClusters',
  'Every Spark cluster of this server, kept up to date.'
);
