/**
 * The filtered and sorted list of clusters.
 */
import type { TranslationBundle } from '@jupyterlab/translation';

import { failureOf, nameOf } from './cluster';
import type { Cluster } from './wire';
import { stateWord } from './words';

/** An order of the list. */
export type Order = 'state' | 'name' | 'newest';

/** The clusters that match a query, in order; ended ones that are not pinned and did not fail are folded. */
export interface ListContent {
  shown: Cluster[];
  folded: Cluster[];
}

/** Return the clusters that contain all words of a query in their name, ID, state or notebooks. */
export function listOf(
  clusters: readonly Cluster[],
  query: string,
  order: Order,
  trans: TranslationBundle
): ListContent {
  const found = clusters.filter(cluster => matches(cluster, query, trans)).sort(ORDERS[order]);
  return { shown: found.filter(cluster => !isFolded(cluster)), folded: found.filter(isFolded) };
}

const ORDERS: Record<Order, (a: Cluster, b: Cluster) => number> = {
  // The server's own order, which a stable sort keeps: pinned clusters, then those that are up, then by name.
  state: () => 0,
  name: (a, b) => byPin(a, b) || nameOf(a).localeCompare(nameOf(b)),
  newest: (a, b) => byPin(a, b) || b.start_time - a.start_time
};

function byPin(a: Cluster, b: Cluster): number {
  return Number(b.pinned) - Number(a.pinned);
}

/** A cluster that failed is not folded: its user has to learn why. */
function isFolded(cluster: Cluster): boolean {
  return cluster.state === 'TERMINATED' && !cluster.pinned && !failureOf(cluster);
}

/** Return whether a cluster contains all words of a query in its name, ID, state or notebooks. */
export function matches(cluster: Cluster, query: string, trans: TranslationBundle): boolean {
  const notebooks = cluster.live?.notebooks.map(({ notebook }) => notebook) ?? [];
  const texts = [nameOf(cluster), cluster.cluster_id, stateWord(cluster.state, trans), ...notebooks];
  const text = texts.join('\n').toLowerCase();
  return query
    .toLowerCase()
    .split(/\s+/)
    .every(word => text.includes(word));
}
