/**
 * What a kernel tells of the Spark jobs of one cell, and how it is said.
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
  status: 'RUNNING' | 'SUCCEEDED' | 'FAILED' | 'UNKNOWN';
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
export interface Told {
  /** id of the kernel, a colon, the cell's number */
  run: string;
  cluster_id: string;
  jobs: Job[];
  /** true = nothing more will come */
  over: boolean;
}

/** Return the whole in one line. */
export function summaryOf({ jobs, over }: Told, trans: TranslationBundle): string {
  const failed = jobs.filter(job => job.status === 'FAILED').length;
  const ends = failed ? trans.__(', %1 failed', failed) : '';
  if (over) {
    const began = Math.min(...jobs.map(job => job.began_ms ?? Infinity));
    const ended = Math.max(...jobs.map(job => job.ended_ms ?? job.began_ms ?? 0));
    const took = ((Math.max(0, ended - began) || 0) / 1000).toFixed(1);
    const tasks = doneOf(jobs);
    const text = trans._n('%1 Spark job%2', '%1 Spark jobs%2', jobs.length, ends);
    return `${text}, ${trans._n('%1 task', '%1 tasks', tasks)}, ${trans.__('%1 s', took)}`;
  }
  const done = jobs.filter(job => job.status !== 'RUNNING').length;
  const text = trans._n('Spark: %2 of %1 job done%3', 'Spark: %2 of %1 jobs done%3', jobs.length, done, ends);
  return `${text}, ${trans.__('%1 of %2 tasks', doneOf(jobs), tasksOf(jobs))}`;
}

/** Return how much of all tasks is done, 0…1. */
export function partOf(jobs: readonly Tasks[]): number {
  return doneOf(jobs) / Math.max(1, tasksOf(jobs));
}

/** Return how long a job has taken, s, or null if it has not begun. */
export function tookS(job: Job, nowMs: number): number | null {
  return job.began_ms === null ? null : Math.max(0, (job.ended_ms ?? nowMs) - job.began_ms) / 1000;
}

/** Return what tasks of a job or stage run or failed, or "". */
export function moreWords({ running, failed }: Tasks & { running: number; failed: number }, trans: TranslationBundle): string {
  return [running && trans.__('%1 running', running), failed && trans.__('%1 failed', failed)]
    .filter(text => text)
    .map(text => `, ${text}`)
    .join('');
}

type Tasks = Pick<Job, 'tasks' | 'done'>;

function tasksOf(jobs: readonly Tasks[]): number {
  return jobs.reduce((sum, job) => sum + job.tasks, 0);
}

function doneOf(jobs: readonly Tasks[]): number {
  return jobs.reduce((sum, job) => sum + job.done, 0);
}
