/**
 * Texts about a cluster: its state, size, load and the time until it terminates.
 */
import type { TranslationBundle } from '@jupyterlab/translation';

import { isSingleNode, SOON_S, terminatesInS, UP } from './cluster';
import type { Cluster, NodeType, State } from './wire';

/** Return the display name of a state. */
export function stateWord(state: State, trans: TranslationBundle): string {
  const words: Record<State, string> = {
    PENDING: trans.__('Starting'),
    RUNNING: trans.__('Running'),
    RESIZING: trans.__('Resizing'),
    RESTARTING: trans.__('Restarting'),
    TERMINATING: trans.__('Terminating'),
    TERMINATED: trans.__('Terminated'),
    ERROR: trans.__('Error')
  };
  return words[state] ?? state;
}

/** Return an amount of memory, e.g. "1.5 GiB" or "40 MiB". */
export function memoryWords(mib: number): string {
  return mib < 100 ? `${Math.round(mib)} MiB` : `${(mib / 1024).toFixed(1).replace(/\.0$/, '')} GiB`;
}

/** Return the size of a node type, or its ID if the type is unknown. */
export function nodeWords(id: string, types: readonly NodeType[], trans: TranslationBundle): string {
  const found = types.find(type => type.node_type_id === id);
  return found
    ? trans._n('%2 core, %3', '%2 cores, %3', found.num_cores, found.num_cores, memoryWords(found.memory_mb))
    : id;
}

/** Return the size of a cluster, e.g. "2 workers · 4 cores, 8 GiB each". */
export function sizeWords(cluster: Cluster, types: readonly NodeType[], trans: TranslationBundle): string {
  if (isSingleNode(cluster)) {
    return trans.__('Single node · %1', nodeWords(cluster.driver_node_type_id, types, trans));
  }
  const { autoscale: bounds, num_workers: count } = cluster;
  if (!bounds) {
    return `${count} ${workersWords(cluster, types, trans)}`;
  }
  const node = nodeWords(cluster.node_type_id ?? '', types, trans);
  const now = UP.includes(cluster.state) ? ` (${trans.__('%1 now', count)})` : '';
  return trans.__('%1–%2 workers%3 · %4 each', bounds.min_workers, bounds.max_workers, now, node);
}

/** Return what follows the number of a cluster's workers, e.g. "workers · 4 cores, 8 GiB each". */
export function workersWords(cluster: Cluster, types: readonly NodeType[], trans: TranslationBundle): string {
  const node = nodeWords(cluster.node_type_id ?? '', types, trans);
  return trans._n('worker · %2', 'workers · %2 each', cluster.num_workers, node);
}

/** Return a duration in the largest unit that is precise enough. */
export function durationWords(seconds: number, trans: TranslationBundle): string {
  if (seconds < 100) {
    return trans.__('%1 s', Math.max(0, Math.round(seconds)));
  }
  if (seconds < 120 * 60) {
    return trans.__('%1 min', Math.round(seconds / 60));
  }
  return seconds < 48 * 3600
    ? trans.__('%1 h', Math.round(seconds / 3600))
    : trans.__('%1 days', Math.round(seconds / 86400));
}

/** Return the load of a cluster; "" = it is not up. */
export function loadWords(cluster: Cluster, trans: TranslationBundle): string {
  const load = cluster.live?.load;
  if (!load) {
    return '';
  }
  const busy = trans._n('%2 of %1 core busy', '%2 of %1 cores busy', load.total_cores, load.busy_cores);
  return load.pending_tasks ? `${busy}, ${trans._n('%1 task pending', '%1 tasks pending', load.pending_tasks)}` : busy;
}

/** Return when a cluster will terminate by inactivity, or when and why it did. */
export function terminationWords(cluster: Cluster, nowMs: number, trans: TranslationBundle): string {
  if (cluster.state === 'TERMINATED') {
    const ago = cluster.terminated_time ? (nowMs - cluster.terminated_time) / 1000 : 0;
    const when = ago < 100 ? trans.__('Terminated just now') : trans.__('Terminated %1 ago', durationWords(ago, trans));
    const isIdle = cluster.termination_reason?.code === 'INACTIVITY';
    return isIdle ? `${when}, ${trans.__('due to inactivity')}` : when;
  }
  const left = terminatesInS(cluster, nowMs);
  const idleS = left === null ? 0 : cluster.live!.idle_s + (nowMs - cluster.live!.time) / 1000;
  if (left !== null && (left < SOON_S || idleS >= 60)) {
    return trans.__('Idle: terminates in %1', durationWords(left, trans));
  }
  const minutes = cluster.autotermination_minutes;
  return minutes
    ? trans._n('Terminates after %1 minute of inactivity', 'Terminates after %1 minutes of inactivity', minutes)
    : trans.__('No automatic termination');
}

/** Return how long a cluster has been up; "" = it is not. */
export function uptimeWords(cluster: Cluster, nowMs: number, trans: TranslationBundle): string {
  if (!UP.includes(cluster.state)) {
    return '';
  }
  // A cluster that was started by an earlier version does not say since when it runs.
  const since = cluster.running_since || cluster.last_restarted_time || cluster.start_time;
  const seconds = (nowMs - since) / 1000;
  return seconds < 100 ? trans.__('just started') : trans.__('up %1', durationWords(seconds, trans));
}

/** Return the progress of a start, a resize or a termination, 0…1, and the step that is awaited. */
export function progressOf(cluster: Cluster, trans: TranslationBundle): [number, string] {
  if (cluster.state === 'TERMINATING') {
    return [0, trans.__('Waiting for processes to end')];
  }
  if (!cluster.driver) {
    return [0, trans.__('Waiting for the driver')];
  }
  const ready = cluster.executors?.length ?? 0;
  const wanted = cluster.num_workers;
  const part = (1 + Math.min(ready, wanted)) / (1 + wanted);
  return [part, wanted ? trans.__('%1 of %2 workers ready', ready, wanted) : trans.__('Driver ready')];
}

/** Return an instant, ms since the epoch, in the user's locale and time zone. */
export function timeWords(ms: number): string {
  return new Date(ms).toLocaleString();
}

/** Return the file name of a notebook; a kernel may have none. */
export function notebookName(path: string, trans: TranslationBundle): string {
  return path.split('/').pop() || trans.__('Kernel without a notebook');
}
