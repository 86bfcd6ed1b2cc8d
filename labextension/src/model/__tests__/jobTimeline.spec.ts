import { barWords, countsOf } from '../barWords';
import { Bar, groupsOf, jobBars, mergeJobs, sinceOf, stageBars, ticksOf } from '../jobTimeline';
import type { ClusterJob, JobList } from '../wire';
import { trans } from './samples';

type Job = ClusterJob['job'];
type Stage = Job['stages'][number];

function aStage(stage_id: number, changes: Partial<Stage> = {}): Stage {
  const counts = { tasks: 8, done: 8, running: 0, failed: 0 };
  return {
    stage_id,
    attempt: 0,
    name: 'count',
    status: 'COMPLETE',
    began_ms: 1000,
    ended_ms: 2000,
    ...counts,
    ...changes
  };
}

function aJob(job_id: number, changes: Partial<Job> = {}, notebook = '/home/me/a.ipynb'): ClusterJob {
  const counts = { tasks: 8, done: 8, running: 0, failed: 0 };
  const job = { job_id, name: 'count', status: 'SUCCEEDED', began_ms: 1000, ended_ms: 2000, stages: [], ...counts };
  return { job: { ...job, ...changes }, notebook };
}

function answer(time: number, jobs: ClusterJob[], application_id = 'app-1'): JobList {
  return { time, application_id, jobs };
}

const idsOf = (jobs: readonly ClusterJob[]) => jobs.map(({ job }) => job.job_id);

describe('the jobs that a page knows', () => {
  it('grow by answers that contain only what has changed', () => {
    const running = aJob(1, { status: 'RUNNING', ended_ms: null });
    const before = mergeJobs(null, answer(10_000, [running, aJob(0)]), 9_000);
    const after = mergeJobs(before, answer(20_000, [aJob(2), aJob(1)]), 19_000);
    expect(sinceOf(null)).toBe(0);
    expect(sinceOf(before)).toBe(5_000);
    expect(after.aheadMs).toBe(1000);
    expect(idsOf(after.jobs)).toEqual([2, 1, 0]);
    expect(after.jobs[1].job.status).toBe('SUCCEEDED');
  });

  it('end with the driver that ran them', () => {
    const before = mergeJobs(null, answer(10_000, [aJob(0), aJob(1)]), 0);
    expect(idsOf(mergeJobs(before, answer(20_000, [aJob(0)], 'app-2'), 0).jobs)).toEqual([0]);
  });

  it('are those of the last hour, and of many the newest', () => {
    const old = aJob(0, { ended_ms: 1 });
    const large = (id: number) => aJob(id, { stages: Array.from({ length: 200 }, (_, n) => aStage(n)) });
    const { jobs } = mergeJobs(null, answer(3_600_001, [large(3), large(2), large(1), old]), 0);
    expect(idsOf(jobs)).toEqual([3, 2]);
  });
});

describe('the bars', () => {
  it('are the stages that have begun, with their states', () => {
    const stages = [
      aStage(1),
      aStage(2, { status: 'FAILED' }),
      aStage(3, { status: 'ACTIVE', ended_ms: null, done: 3 }),
      aStage(4, { status: 'PENDING', began_ms: null, ended_ms: null }),
      aStage(5, { status: 'SKIPPED', began_ms: null, ended_ms: null })
    ];
    const bars = stageBars([aJob(7, { stages, began_ms: 500, ended_ms: null })], trans);
    expect(bars.map(({ id, status, beganMs, endedMs }) => [id, status, beganMs, endedMs])).toEqual([
      ['5.0', 'skipped', 500, 500],
      ['1.0', 'complete', 1000, 2000],
      ['2.0', 'failed', 1000, 2000],
      ['3.0', 'running', 1000, null]
    ]);
    expect(bars[1].path).toBe('stages/stage/?id=1&attempt=0');
    expect(countsOf(bars)).toEqual([
      ['running', 1],
      ['failed', 1],
      ['complete', 1],
      ['skipped', 1]
    ]);
    expect(barWords(bars[3], 4_000, trans)).toBe(
      'Stage 3 of job 7: count\nrunning · 3 of 8 tasks · 3.0 s\n/home/me/a.ipynb'
    );
  });

  it('of a cancelled job are cancelled, and end with it', () => {
    const stages = [aStage(1, { status: 'FAILED', ended_ms: null })];
    const [bar] = stageBars([aJob(7, { status: 'CANCELLED', stages, ended_ms: 3000 })], trans);
    expect([bar.status, bar.endedMs]).toEqual(['cancelled', 3000]);
  });

  it('can be the jobs', () => {
    const [bar] = jobBars([aJob(7), aJob(8, { began_ms: null })], trans);
    expect([bar.title, bar.path, bar.status]).toEqual(['Job 7', 'jobs/job/?id=7', 'complete']);
  });
});

describe('the lanes', () => {
  /** 1 px = 1 s, so a label takes 120 s */
  const MS_PER_PX = 1000;
  const aBar = (id: string, beganS: number, endedS: number | null, notebook = 'a.ipynb'): Bar =>
    ({ id, beganMs: beganS * 1000, endedMs: endedS === null ? null : endedS * 1000, notebook }) as Bar;
  const shape = (bars: Bar[], startS = 0) =>
    groupsOf(bars, startS * 1000, MS_PER_PX).map(({ notebook, lanes }) => [
      notebook,
      lanes.map(lane => lane.map(({ id }) => id).join(' '))
    ]);

  it('have space for every label, after bars that are too narrow for it', () => {
    expect(shape([aBar('a', 0, 1), aBar('b', 60, 200), aBar('c', 121, 122), aBar('d', 150, null)])).toEqual([
      ['a.ipynb', ['a c', 'b', 'd']]
    ]);
    expect(shape([aBar('narrow', 0, 60), aBar('next', 60, 90)])).toEqual([['a.ipynb', ['narrow', 'next']]]);
    expect(shape([aBar('wide', 0, 120), aBar('next', 120, 130)])).toEqual([['a.ipynb', ['wide next']]]);
  });

  it('are grouped by notebook; jobs of no notebook come last', () => {
    expect(shape([aBar('a', 0, 1, ''), aBar('b', 0, 1, 'b.ipynb'), aBar('c', 0, 1)])).toEqual([
      ['a.ipynb', ['c']],
      ['b.ipynb', ['b']],
      ['', ['a']]
    ]);
  });

  it('keep their bars while others leave the range', () => {
    const bars = [aBar('a', 0, 500), aBar('b', 10, 20), aBar('c', 200, 300)];
    expect(shape(bars)).toEqual([['a.ipynb', ['a', 'b c']]]);
    expect(shape(bars, 150)).toEqual([['a.ipynb', ['a', 'c']]]);
    expect(shape(bars, 501)).toEqual([]);
  });
});

describe('the time axis', () => {
  it('has round instants that are far enough apart', () => {
    expect(ticksOf(1_000, 130_000, 25_000)).toEqual([30_000, 60_000, 90_000, 120_000]);
    expect(ticksOf(0, 3_600_000, 1_500_000)).toEqual([0, 1_800_000]);
  });
});
