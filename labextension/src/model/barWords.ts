/**
 * Texts about the jobs and stages on the timeline.
 */
import type { TranslationBundle } from '@jupyterlab/translation';

import type { Bar, BarStatus } from './jobTimeline';
import { durationWords } from './words';

/** Return the display name of a status. */
export function barStatusWord(status: BarStatus, trans: TranslationBundle): string {
  const words: Record<BarStatus, string> = {
    running: trans.__('running'),
    complete: trans.__('complete'),
    failed: trans.__('failed'),
    cancelled: trans.__('cancelled'),
    skipped: trans.__('skipped')
  };
  return words[status];
}

/** Return what a bar is, how far it is, and which notebook began it, in lines. */
export function barWords(bar: Bar, nowMs: number, trans: TranslationBundle): string {
  const seconds = ((bar.endedMs ?? nowMs) - bar.beganMs) / 1000;
  const duration = seconds < 10 ? trans.__('%1 s', Math.max(0, seconds).toFixed(1)) : durationWords(seconds, trans);
  const progress = trans._n('%2 of %1 task', '%2 of %1 tasks', bar.tasks, bar.done);
  const status = barStatusWord(bar.status, trans);
  return [
    `${bar.title}: ${bar.label}`,
    bar.status === 'skipped' ? status : `${status} · ${progress} · ${duration}`,
    bar.notebook
  ]
    .filter(line => line)
    .join('\n');
}

/** Return how many bars have each status, in the order of `STATUSES`, without those that no bar has. */
export function countsOf(bars: readonly Bar[]): [BarStatus, number][] {
  return STATUSES.map((status): [BarStatus, number] => [
    status,
    bars.filter(bar => bar.status === status).length
  ]).filter(([, count]) => count > 0);
}

const STATUSES: readonly BarStatus[] = ['running', 'failed', 'cancelled', 'complete', 'skipped'];
