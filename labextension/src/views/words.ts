/**
 * What people read about a cluster: its state, size, load and the time it has left.
 */
import type { TranslationBundle } from '@jupyterlab/translation';

import type { Cluster, NodeType, State } from '../services/wire';

/** States that pass by themselves, and those in which notebooks can use a cluster. */
export const CHANGING: readonly State[] = ['PENDING', 'RESIZING', 'RESTARTING', 'TERMINATING'];
export const UP: readonly State[] = ['RUNNING', 'RESIZING'];

/** From when on a coming end is told as a warning, s. */
export const SOON_S = 300;

/** Return the state as people read it. */
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

/** Return how a state's dot looks. */
export function dotOf(cluster: Cluster): 'up' | 'changing' | 'failed' | 'down' {
  if (failureOf(cluster)) {
    return 'failed';
  }
  if (CHANGING.includes(cluster.state)) {
    return 'changing';
  }
  return UP.includes(cluster.state) ? 'up' : 'down';
}

/** Return whether the driver is the whole cluster. */
export function isSingleNode(cluster: Cluster): boolean {
  return !cluster.autoscale && !cluster.num_workers;
}

/** Return an amount of memory, e.g. "1.5 GiB" or "40 MiB". */
export function memoryWords(mib: number): string {
  return mib < 100 ? `${Math.round(mib)} MiB` : `${(mib / 1024).toFixed(1).replace(/\.0$/, '')} GiB`;
}

/** Return a node type's size, or its id if it is not known. */
export function nodeWords(id: string, types: readonly NodeType[], trans: TranslationBundle): string {
  const found = types.find(type => type.node_type_id === id);
  return found
    ? trans._n('%2 core, %3', '%2 cores, %3', found.num_cores, found.num_cores, memoryWords(found.memory_mb))
    : id;
}

/** Return how large a cluster is, e.g. "2–8 × 4 cores, 16 GiB". */
export function sizeWords(cluster: Cluster, types: readonly NodeType[], trans: TranslationBundle): string {
  if (isSingleNode(cluster)) {
    return trans.__('single node, %1', nodeWords(cluster.driver_node_type_id, types, trans));
  }
  const bounds = cluster.autoscale;
  const count = bounds ? `${bounds.min_workers}–${bounds.max_workers}` : `${cluster.num_workers}`;
  const now = bounds && UP.includes(cluster.state) ? ` (${trans.__('%1 now', cluster.num_workers)})` : '';
  return `${count}${now} × ${nodeWords(cluster.node_type_id, types, trans)}`;
}

/** Return a duration in its largest unit that makes sense. */
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

/** Return how busy a cluster is, or "" if it is not up. */
export function loadWords(cluster: Cluster, trans: TranslationBundle): string {
  const load = cluster.live?.load;
  if (!load) {
    return '';
  }
  const busy = trans._n('%2 of %1 core busy', '%2 of %1 cores busy', load.total_cores, load.busy_cores);
  return load.pending_tasks
    ? `${busy}, ${trans._n('%1 task waiting', '%1 tasks waiting', load.pending_tasks)}`
    : busy;
}

/** Return how long it takes until nobody's use ends a cluster, s; null if that does not come, or it is in use. */
export function endsInS(cluster: Cluster, nowMs: number): number | null {
  const live = cluster.live;
  if (!live || live.ends_in_s === null || live.idle_s <= 0 || !UP.includes(cluster.state)) {
    return null;
  }
  return Math.max(0, live.ends_in_s - Math.max(0, nowMs - live.time) / 1000);
}

/** Return when a cluster will end by itself, or when and why it did. */
export function endingWords(cluster: Cluster, nowMs: number, trans: TranslationBundle): string {
  if (cluster.state === 'TERMINATED') {
    const ago = cluster.terminated_time ? (nowMs - cluster.terminated_time) / 1000 : 0;
    const ended = ago < 100 ? trans.__('ended just now') : trans.__('ended %1 ago', durationWords(ago, trans));
    const reason = cluster.termination_reason;
    return reason?.code === 'INACTIVITY' ? `${ended}, ${trans.__('not in use')}` : ended;
  }
  const left = endsInS(cluster, nowMs);
  const idleS = left === null ? 0 : cluster.live!.idle_s + (nowMs - cluster.live!.time) / 1000;
  if (left !== null && (left < SOON_S || idleS >= 60)) {
    return trans.__('idle: ends in %1', durationWords(left, trans));
  }
  const minutes = cluster.autotermination_minutes;
  return minutes ? trans.__('ends after %1 min without use', minutes) : trans.__('never ends by itself');
}

/** Return for how long a cluster has been up, or "" if it is not. */
export function uptimeWords(cluster: Cluster, nowMs: number, trans: TranslationBundle): string {
  if (!UP.includes(cluster.state)) {
    return '';
  }
  const since = cluster.last_restarted_time || cluster.start_time;
  const seconds = (nowMs - since) / 1000;
  return seconds < 100 ? trans.__('just started') : trans.__('up %1', durationWords(seconds, trans));
}

/** Return how far a start or a resize is, 0…1, and what is awaited. */
export function progressOf(cluster: Cluster, trans: TranslationBundle): [number, string] {
  if (cluster.state === 'TERMINATING') {
    return [0, trans.__('waiting until its processes have ended')];
  }
  if (!cluster.driver) {
    return [0, trans.__('waiting for the driver')];
  }
  const up = cluster.executors?.length ?? 0;
  const wanted = cluster.num_workers;
  const done = (1 + Math.min(up, wanted)) / (1 + wanted);
  return [done, wanted ? trans.__('%1 of %2 workers up', up, wanted) : trans.__('the driver is up')];
}

/** Return why a cluster is down although nobody wanted that, without Java's stack, which is in the logs; or "". */
export function failureOf(cluster: Cluster): string {
  const reason = cluster.termination_reason;
  const failed = cluster.state === 'TERMINATED' && reason && reason.type !== 'SUCCESS';
  const told = cluster.state_message
    .split('\n')
    .filter(line => !/^\s*(at \S+\(|\.\.\. \d+ more)/.test(line))
    .join('\n');
  return failed || cluster.state === 'ERROR' ? told || reason?.code || '' : '';
}

/** Return an instant, ms since the epoch, in the reader's own time. */
export function timeWords(ms: number): string {
  return new Date(ms).toLocaleString();
}

/** Return what people call a cluster. */
export function nameOf(cluster: Cluster): string {
  return cluster.cluster_name || cluster.cluster_id;
}

/** Return a notebook's file name. */
export function fileOf(path: string, trans: TranslationBundle): string {
  return path.split('/').pop() || trans.__('a kernel without a notebook');
}
