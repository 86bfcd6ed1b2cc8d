/**
 * The start of a cluster as steps: what is done, what it waits for, and how long each took.
 */
import type { TranslationBundle } from '@jupyterlab/translation';

import { isSingleNode } from './cluster';
import type { Cluster, ClusterEvent } from './wire';

/** A step of a start. */
export interface Step {
  label: string;
  /** `now` = it is awaited */
  status: 'done' | 'now' | 'later';
  /** time since the request until it was done, or until now while it is awaited, s; null = unknown */
  elapsedS: number | null;
}

/** Types of events that begin a start. */
export const START_EVENTS = ['CREATING', 'STARTING', 'RESTARTING'] as const;

/** Return when the latest start began, ms since the epoch; null = unknown. `events` are newest first. */
export function startedAt(events: readonly ClusterEvent[]): number | null {
  return events.find(({ type }) => (START_EVENTS as readonly string[]).includes(type))?.timestamp ?? null;
}

/** Return the steps of the start that a cluster is in. */
export function stepsOf(cluster: Cluster, sinceMs: number | null, nowMs: number, trans: TranslationBundle): Step[] {
  const since = (ms: number | undefined) => (ms && sinceMs ? Math.max(0, (ms - sinceMs) / 1000) : null);
  const driver = cluster.driver as { start_timestamp?: number } | undefined;
  const workers = cluster.executors ?? [];
  const wanted = cluster.num_workers;
  const steps: [label: string, isDone: boolean, doneMs?: number][] = [
    [trans.__('Start requested'), true, sinceMs ?? undefined],
    [trans.__('Driver'), !!driver, driver?.start_timestamp]
  ];
  if (!isSingleNode(cluster)) {
    const isDone = !!driver && workers.length >= wanted;
    const label = trans._n('%2 of %1 worker', '%2 of %1 workers', wanted, Math.min(workers.length, wanted));
    steps.push([label, isDone, Math.max(0, ...workers.map(worker => worker.start_timestamp))]);
  }
  steps.push([trans.__('Ready for notebooks'), cluster.state === 'RUNNING']);
  const awaited = steps.findIndex(([, isDone]) => !isDone);
  return steps.map(([label, isDone, doneMs], index) => ({
    label,
    status: isDone ? 'done' : index === awaited ? 'now' : 'later',
    elapsedS: isDone ? since(doneMs) : index === awaited ? since(nowMs) : null
  }));
}
