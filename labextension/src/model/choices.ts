/**
 * The clusters that a notebook can be attached to.
 */
import type { TranslationBundle } from '@jupyterlab/translation';

import { matches } from './clusterList';
import type { Cluster } from './wire';

/** Return the clusters that match a query and that a notebook can use: those that need no start first, then the last used. */
export function choicesOf(clusters: readonly Cluster[], query: string, trans: TranslationBundle): Cluster[] {
  return clusters
    .filter(cluster => !['TERMINATING', 'ERROR'].includes(cluster.state) && matches(cluster, query, trans))
    .sort((a, b) => Number(needsStart(a)) - Number(needsStart(b)) || usedMs(b) - usedMs(a));
}

/** Return whether a cluster has to be started before a notebook can use it. */
export function needsStart({ state }: Cluster): boolean {
  return state === 'TERMINATED';
}

/** Return when a cluster was last in use, ms since the epoch. */
function usedMs(cluster: Cluster): number {
  const { live, start_time, running_since, last_restarted_time = 0, terminated_time = 0 } = cluster;
  if (live) {
    return live.idle_s > 0 ? live.time - live.idle_s * 1000 : Number.MAX_SAFE_INTEGER;
  }
  return Math.max(start_time, running_since, last_restarted_time, terminated_time);
}
