import { Job, taskWords, partOf, summaryOf, durationS } from '../progress';
import { trans } from './samples';

function aJob(changes: Partial<Job> = {}): Job {
  return {
    job_id: 1,
    name: 'count, line 1',
    status: 'RUNNING',
    began_ms: 1000,
    ended_ms: null,
    tasks: 8,
    done: 2,
    running: 2,
    failed: 0,
    stages: [],
    ...changes
  };
}

const ended = aJob({ status: 'SUCCEEDED', ended_ms: 5200, done: 8, running: 0 });
const failed = aJob({ status: 'FAILED', ended_ms: 3000, failed: 1 });
const cancelled = aJob({ status: 'CANCELLED', ended_ms: 3000 });

describe('progress', () => {
  it.each<[Job[], boolean, string]>([
    [[aJob()], false, 'Spark: 0 of 1 job done, 2 of 8 tasks'],
    [[ended, aJob()], false, 'Spark: 1 of 2 jobs done, 10 of 16 tasks'],
    [[ended], true, '1 Spark job, 8 tasks, 4.2 s'],
    [[ended, failed], true, '2 Spark jobs, 1 failed, 10 tasks, 4.2 s'],
    [[ended, cancelled], true, '2 Spark jobs, 1 cancelled, 10 tasks, 4.2 s']
  ])('is summarized in one line: case %#', (jobs, over, text) => {
    expect(summaryOf({ run: 'k:1', cluster_id: 'c', jobs, over }, trans)).toBe(text);
  });

  it('is the completed part of all tasks', () => {
    expect(partOf([ended, aJob()])).toBe(10 / 16);
    expect(partOf([aJob({ tasks: 0, done: 0 })])).toBe(0);
  });

  it('counts running and failed tasks', () => {
    expect(taskWords(aJob({ failed: 3 }), trans)).toBe(', 2 running, 3 failed');
    expect(taskWords(ended, trans)).toBe('');
  });

  it('lasts from the start of a job to its end, or until now', () => {
    expect(durationS(ended, 9000)).toBe(4.2);
    expect(durationS(aJob(), 9000)).toBe(8);
    expect(durationS(aJob({ began_ms: null }), 9000)).toBeNull();
  });
});
