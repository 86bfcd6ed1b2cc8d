/**
 * The jobs and stages of the last hour as bars on a timeline, in lanes by notebook.
 */
import type { TranslationBundle } from '@jupyterlab/translation';

import type { ClusterJob, JobList } from './wire';

/** Periods that the timeline can show, ms. */
export const PERIODS_MS: readonly number[] = [300_000, 900_000, 3_600_000];

/** Jobs that ended earlier than this are dropped, ms; of many jobs, the newest with so many stages are kept. */
const KEPT_MS = 3_600_000;
const KEPT_STAGES = 500;

/** Space for a label, px: in a bar that is as wide, else after it. */
export const LABEL_PX = 120;

/** Spark announces the end of a job a moment after it; an overlap of answers covers that, ms. */
const OVERLAP_MS = 5_000;

/** The jobs that a page knows. */
export interface JobHistory {
  readonly applicationId: string;
  /** newest first */
  readonly jobs: readonly ClusterJob[];
  /** time of the latest answer by the server's clock, ms since the epoch; 0 = the driver does not report its jobs */
  readonly timeMs: number;
  /** how far the server's clock is ahead of the browser's, ms */
  readonly aheadMs: number;
}

/** How a job or a stage goes. */
export type BarStatus = 'running' | 'complete' | 'failed' | 'cancelled' | 'skipped';

/** One job or stage. */
export interface Bar {
  id: string;
  /** which job or stage it is */
  title: string;
  label: string;
  status: BarStatus;
  /** ms since the epoch */
  beganMs: number;
  /** null = it runs */
  endedMs: number | null;
  /** counts */
  tasks: number;
  done: number;
  /** "" = none */
  notebook: string;
  /** its page in the Spark UI */
  path: string;
}

/** The bars of a notebook; bars of a lane do not overlap. */
export interface Group {
  notebook: string;
  lanes: Bar[][];
}

/** Return what to pass as `since` in the next request, ms since the epoch. */
export function sinceOf(history: JobHistory | null): number {
  return history ? Math.max(0, history.timeMs - OVERLAP_MS) : 0;
}

/** Return the known jobs with those of an answer, which arrived at `nowMs`. */
export function mergeJobs(known: JobHistory | null, answer: JobList, nowMs: number): JobHistory {
  const isSame = known?.applicationId === answer.application_id; // else the driver was restarted
  const jobs = new Map(isSame ? known.jobs.map(found => [found.job.job_id, found]) : []);
  answer.jobs.forEach(found => jobs.set(found.job.job_id, found));
  const sorted = [...jobs.values()]
    .filter(({ job }) => job.ended_ms === null || job.ended_ms > answer.time - KEPT_MS)
    .sort((a, b) => b.job.job_id - a.job.job_id);
  let stages = 0;
  return {
    applicationId: answer.application_id,
    jobs: sorted.filter(({ job }) => (stages += job.stages.length) <= KEPT_STAGES),
    timeMs: answer.time,
    aheadMs: answer.time ? answer.time - nowMs : 0
  };
}

/** Return the jobs as bars, in order of their begin. */
export function jobBars(jobs: readonly ClusterJob[], trans: TranslationBundle): Bar[] {
  const bars = jobs.flatMap(({ job, notebook }): Bar[] =>
    job.began_ms === null
      ? []
      : [
          {
            id: `${job.job_id}`,
            title: trans.__('Job %1', job.job_id),
            label: job.name,
            status: statusOf(job.status),
            beganMs: job.began_ms,
            endedMs: job.ended_ms,
            tasks: job.tasks,
            done: job.done,
            notebook,
            path: `jobs/job/?id=${job.job_id}`
          }
        ]
  );
  return inOrder(bars);
}

/** Return the stages as bars, in order of their begin, without those that have not begun. */
export function stageBars(jobs: readonly ClusterJob[], trans: TranslationBundle): Bar[] {
  const bars = jobs.flatMap(({ job, notebook }) =>
    job.stages.flatMap((stage): Bar[] => {
      const isSkipped = stage.status === 'SKIPPED';
      const beganMs = isSkipped ? job.began_ms : stage.began_ms;
      const isCancelled = stage.status === 'FAILED' && job.status === 'CANCELLED';
      return beganMs === null
        ? []
        : [
            {
              id: `${stage.stage_id}.${stage.attempt}`,
              title: trans.__('Stage %1 of job %2', stage.stage_id, job.job_id),
              label: stage.name,
              status: isCancelled ? 'cancelled' : statusOf(stage.status),
              beganMs,
              endedMs: isSkipped ? beganMs : (stage.ended_ms ?? job.ended_ms),
              tasks: stage.tasks,
              done: stage.done,
              notebook,
              path: `stages/stage/?id=${stage.stage_id}&attempt=${stage.attempt}`
            }
          ];
    })
  );
  return inOrder(bars);
}

/**
 * Return the bars that are visible after `fromMs`, by notebook, in lanes with space for their labels.
 *
 * A bar's lane depends only on those that began before it, so it stays there while time passes.
 */
export function groupsOf(bars: readonly Bar[], fromMs: number, msPerPx: number): Group[] {
  const notebooks = [...new Set(bars.map(bar => bar.notebook))].sort((a, b) => compare(!a, !b) || compare(a, b));
  const isVisible = (bar: Bar) => bar.endedMs === null || bar.endedMs >= fromMs;
  return notebooks
    .map(notebook => ({
      notebook,
      lanes: lanesOf(
        bars.filter(bar => bar.notebook === notebook),
        LABEL_PX * msPerPx
      )
        .map(lane => lane.filter(isVisible))
        .filter(lane => lane.length)
    }))
    .filter(({ lanes }) => lanes.length);
}

/** Return round instants between two, at least `leastMs` apart, ms since the epoch. */
export function ticksOf(fromMs: number, toMs: number, leastMs: number): number[] {
  const step = STEPS_MS.find(ms => ms >= leastMs) ?? STEPS_MS[STEPS_MS.length - 1];
  const first = Math.ceil(fromMs / step) * step;
  return Array.from({ length: Math.max(0, Math.ceil((toMs - first) / step)) }, (_, index) => first + index * step);
}

const STEPS_MS = [10, 30, 60, 120, 300, 600, 900, 1800].map(seconds => seconds * 1000);

function lanesOf(bars: readonly Bar[], leastMs: number): Bar[][] {
  const lanes: Bar[][] = [];
  const ends: number[] = [];
  for (const bar of bars) {
    const free = ends.findIndex(end => end <= bar.beganMs);
    const lane = free < 0 ? lanes.length : free;
    (lanes[lane] ??= []).push(bar);
    const ended = bar.endedMs ?? Infinity;
    ends[lane] = ended - bar.beganMs < leastMs ? ended + leastMs : ended; // a label that does not fit is after its bar
  }
  return lanes;
}

const STATUSES: Record<string, BarStatus> = {
  RUNNING: 'running',
  ACTIVE: 'running',
  SUCCEEDED: 'complete',
  COMPLETE: 'complete',
  FAILED: 'failed',
  CANCELLED: 'cancelled',
  SKIPPED: 'skipped'
};

function statusOf(status: string): BarStatus {
  return STATUSES[status] ?? 'running';
}

function inOrder(bars: readonly Bar[]): Bar[] {
  return [...bars].sort((a, b) => a.beganMs - b.beganMs || compare(a.id, b.id));
}

function compare<T>(a: T, b: T): number {
  return a < b ? -1 : Number(a > b);
}
