/**
 * Facts about a cluster that follow from its record.
 */
import type { Cluster, State } from './wire';

/** States that a cluster leaves without a request. */
export const CHANGING: readonly State[] = ['PENDING', 'RESIZING', 'RESTARTING', 'TERMINATING'];

/** States in which notebooks can use a cluster. */
export const UP: readonly State[] = ['RUNNING', 'RESIZING'];

/** A cluster that terminates within this time shows a warning, s. */
export const SOON_S = 300;

/** Return the display name of a cluster. */
export function nameOf(cluster: Cluster): string {
  return cluster.cluster_name || cluster.cluster_id;
}

/** Return whether the driver is the whole cluster. */
export function isSingleNode(cluster: Cluster): boolean {
  return !cluster.autoscale && !cluster.num_workers;
}

/** Return the look of the dot for a cluster's state. */
export function dotOf(cluster: Cluster): 'up' | 'changing' | 'failed' | 'down' {
  if (failureOf(cluster)) {
    return 'failed';
  }
  if (CHANGING.includes(cluster.state)) {
    return 'changing';
  }
  return UP.includes(cluster.state) ? 'up' : 'down';
}

/** Return why a cluster failed, without Java's stack trace, which is in the logs; "" = it did not fail. */
export function failureOf(cluster: Cluster): string {
  const reason = cluster.termination_reason;
  const failed = cluster.state === 'ERROR' || (cluster.state === 'TERMINATED' && reason && reason.type !== 'SUCCESS');
  const message = cluster.state_message
    .split('\n')
    .filter(line => !/^\s*(at \S+\(|\.\.\. \d+ more)/.test(line))
    .join('\n');
  return failed ? message || reason?.code || '' : '';
}

/** Return the time until inactivity terminates a cluster, s; null = it is in use or has no such limit. */
export function terminatesInS(cluster: Cluster, nowMs: number): number | null {
  const live = cluster.live;
  if (!live || live.ends_in_s === null || live.idle_s <= 0 || !UP.includes(cluster.state)) {
    return null;
  }
  return Math.max(0, live.ends_in_s - Math.max(0, nowMs - live.time) / 1000);
}
