/**
 * The interface that our plugins share.
 */
import { Token } from '@lumino/coreutils';
import type { ISignal } from '@lumino/signaling';

import type { Catalogue } from './model/catalogue';
import type { ClusterSource } from './model/clusterSource';
import type { Spec } from './model/wire';

/** All clusters, kept up to date, and the requests that they take. */
export interface IClusters extends ClusterSource {
  readonly changed: ISignal<IClusters, void>;
  /** Fulfilled once `all` is loaded. */
  readonly ready: Promise<void>;
  /** Return whether this page has sent a request for a cluster. */
  isRequestedHere(clusterId: string): boolean;
  /** Return what new clusters can be made of, freshly loaded. */
  loadCatalogue(): Promise<Catalogue>;
  /** Return the id of a new cluster. */
  create(spec: Spec): Promise<string>;
  edit(clusterId: string, spec: Spec): Promise<void>;
  /** Send a request of the Clusters API, such as `start` or `permanent-delete`. */
  request(verb: string, clusterId: string, args?: object): Promise<void>;
  /** Restart the countdown to termination. */
  extend(clusterId: string): Promise<void>;
  refresh(): Promise<void>;
}

/** The token of the service. */
export const IClusters = new Token<IClusters>('jupyter-dbx:IClusters', 'All Spark clusters, kept up to date.');
