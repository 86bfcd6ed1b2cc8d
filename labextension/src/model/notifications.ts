/**
 * Notifications about changes of clusters: two lists in, texts out.
 */
import type { TranslationBundle } from '@jupyterlab/translation';

import { failureOf, nameOf, SOON_S, terminatesInS } from './cluster';
import type { Cluster } from './wire';
import { durationWords } from './words';

/** One notification; `extended` only withdraws the warning before it and has no message. */
export interface ClusterNotification {
  kind: 'up' | 'failed' | 'terminated' | 'terminating-soon' | 'extended' | 'driver-restarted';
  cluster: Cluster;
  message: string;
}

/** Of a failure this many characters are shown; the cluster's page has all of it. */
const MAX_FAILURE_LENGTH = 200;

/** Return the notifications for what changed between two lists, seen at two times, ms since the epoch. */
export function notificationsOf(
  before: readonly Cluster[],
  now: readonly Cluster[],
  beforeMs: number,
  nowMs: number,
  trans: TranslationBundle
): ClusterNotification[] {
  const known = new Map(before.map(cluster => [cluster.cluster_id, cluster]));
  return now.flatMap(cluster => {
    const was = known.get(cluster.cluster_id);
    const found = was && (stateChange(was, cluster, trans) ?? countdownChange(was, cluster, beforeMs, nowMs, trans));
    return found ? [{ ...found, cluster }] : [];
  });
}

type Content = Pick<ClusterNotification, 'kind' | 'message'>;

function stateChange(was: Cluster, cluster: Cluster, trans: TranslationBundle): Content | null {
  const name = nameOf(cluster);
  if (was.state !== cluster.state) {
    if (cluster.state === 'RUNNING' && ['PENDING', 'RESTARTING'].includes(was.state)) {
      return { kind: 'up', message: trans.__('Cluster %1 is running.', name) };
    }
    const failure = failureOf(cluster);
    if (failure) {
      const [line] = failure.split('\n');
      const message = trans.__('Cluster %1 failed: %2', name, line.slice(0, MAX_FAILURE_LENGTH));
      return { kind: 'failed', message };
    }
    if (cluster.state === 'TERMINATED' && cluster.termination_reason?.code === 'INACTIVITY') {
      return { kind: 'terminated', message: trans.__('Cluster %1 was terminated due to inactivity.', name) };
    }
  }
  const [contextBefore, context] = [was.spark_context_id, cluster.spark_context_id];
  const isRunning = was.state === 'RUNNING' && cluster.state === 'RUNNING';
  if (isRunning && contextBefore && context && context !== contextBefore) {
    const message = trans.__('The driver of cluster %1 restarted. Create its DataFrames again.', name);
    return { kind: 'driver-restarted', message };
  }
  return null;
}

function countdownChange(
  was: Cluster,
  cluster: Cluster,
  beforeMs: number,
  nowMs: number,
  trans: TranslationBundle
): Content | null {
  if (terminatesSoon(cluster, nowMs) === terminatesSoon(was, beforeMs)) {
    return null;
  }
  if (terminatesSoon(was, beforeMs)) {
    return { kind: 'extended', message: '' };
  }
  const left = durationWords(terminatesInS(cluster, nowMs) ?? 0, trans);
  const message = trans.__('Cluster %1 is idle and terminates in %2.', nameOf(cluster), left);
  return { kind: 'terminating-soon', message };
}

function terminatesSoon(cluster: Cluster, nowMs: number): boolean {
  const left = terminatesInS(cluster, nowMs);
  // With a limit of a few minutes, the warning waits for the second half of the countdown.
  return left !== null && left < Math.min(SOON_S, cluster.autotermination_minutes * 30);
}
