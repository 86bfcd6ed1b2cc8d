/**
 * The Spark jobs of one cell, as the kernel reports them, and their texts.
 */
import type { TranslationBundle } from '@jupyterlab/translation';

/** MIME type of the output. */
export const PROGRESS_TYPE = 'application/vnd.jupyter-dbx.progress+json';

/** One stage of a job. Tasks are counts. */
export interface Stage {
  stage_id: number;
  attempt: number;
  name: string;
  status: 'PENDING' | 'ACTIVE' | 'COMPLETE' | 'FAILED';
  tasks: number;
  done: number;
  running: number;
  failed: number;
}

/** One Spark job. Times are ms since the epoch; tasks are counts. */
export interface Job {
  job_id: number;
  name: string;
  status: 'RUNNING' | 'SUCCEEDED' | 'FAILED' | 'CANCELLED' | 'UNKNOWN';
  began_ms: number | null;
  ended_ms: number | null;
  tasks: number;
  done: number;
  running: number;
  failed: number;
  /** the newest ones */
  stages: Stage[];
}

/** The jobs of one cell. */
export interface CellJobs {
  /** id of the kernel, of its start, and the cell's number, with colons between them */
  run: string;
  cluster_id: string;
  jobs: Job[];
  /** true = this is the last report */
  over: boolean;
}

/** Why nobody reports the jobs of a cell any more: its kernel does not know them, or is gone itself. */
export type Loss = 'unknown' | 'gone';

/** Return all jobs in one line. */
export function summaryOf({ jobs, over }: CellJobs, trans: TranslationBundle): string {
  const count = (status: Job['status']) => jobs.filter(job => job.status === status).length;
  const [failed, cancelled] = [count('FAILED'), count('CANCELLED')];
  const ends =
    (failed ? trans.__(', %1 failed', failed) : '') + (cancelled ? trans.__(', %1 cancelled', cancelled) : '');
  if (over) {
    const began = Math.min(...jobs.map(job => job.began_ms ?? Infinity));
    const ended = Math.max(...jobs.map(job => job.ended_ms ?? 0));
    const took = ((Math.max(0, ended - began) || 0) / 1000).toFixed(1);
    const tasks = doneOf(jobs);
    const text = trans._n('%1 Spark job%2', '%1 Spark jobs%2', jobs.length, ends);
    return `${text}, ${trans._n('%1 task', '%1 tasks', tasks)}, ${trans.__('%1 s', took)}`;
  }
  const done = jobs.filter(job => job.status !== 'RUNNING').length;
  const text = trans._n('Spark: %2 of %1 job done%3', 'Spark: %2 of %1 jobs done%3', jobs.length, done, ends);
  return `${text}, ${trans.__('%1 of %2 tasks', doneOf(jobs), tasksOf(jobs))}`;
}

/** Return the completed part of all tasks, 0…1. */
export function partOf(jobs: readonly Tasks[]): number {
  return doneOf(jobs) / Math.max(1, tasksOf(jobs));
}

/** Return the duration of a job so far, s; null = it has not started. */
export function durationS(job: Job, nowMs: number): number | null {
  return job.began_ms === null ? null : Math.max(0, (job.ended_ms ?? nowMs) - job.began_ms) / 1000;
}

/** Return the numbers of running and failed tasks, as a continuation of a text; "" = none. */
export function taskWords(
  { running, failed }: Tasks & { running: number; failed: number },
  trans: TranslationBundle
): string {
  return [running && trans.__('%1 running', running), failed && trans.__('%1 failed', failed)]
    .filter(text => text)
    .map(text => `, ${text}`)
    .join('');
}

/** Return what a job or stage waits for, or how it has ended; "" = it runs, or has succeeded. */
export function statusWord(status: Job['status'] | Stage['status'], trans: TranslationBundle): string {
  const words: { [status: string]: string } = {
    PENDING: trans.__('Pending'),
    FAILED: trans.__('Failed'),
    CANCELLED: trans.__('Cancelled')
  };
  return words[status] ?? '';
}

type Tasks = Pick<Job, 'tasks' | 'done'>;

function tasksOf(jobs: readonly Tasks[]): number {
  return jobs.reduce((sum, job) => sum + job.tasks, 0);
}

function doneOf(jobs: readonly Tasks[]): number {
  return jobs.reduce((sum, job) => sum + job.done, 0);
}
