import { startedAt, stepsOf } from '../timeline';
import { aCluster, trans } from './samples';

const worker = (ready: number) => ({ ...aCluster().executors![0], start_timestamp: ready });

describe('stepsOf', () => {
  const pending = aCluster({ state: 'PENDING', driver: undefined, executors: undefined });
  const words = (...args: Parameters<typeof stepsOf>) =>
    stepsOf(...args).map(({ label, status, elapsedS }) => [label, status, elapsedS]);

  it('waits for the driver first', () => {
    expect(words(pending, 1000, 5000, trans)).toEqual([
      ['Start requested', 'done', 0],
      ['Driver', 'now', 4],
      ['0 of 2 workers', 'later', null],
      ['Ready for notebooks', 'later', null]
    ]);
  });

  it('counts workers, and says when a step was done', () => {
    const cluster = { ...pending, driver: { start_timestamp: 4000 }, executors: [worker(6000)] };
    expect(words(cluster, 1000, 9000, trans).slice(1, 3)).toEqual([
      ['Driver', 'done', 3],
      ['1 of 2 workers', 'now', 8]
    ]);
  });

  it('has no step for the workers of a single node', () => {
    const cluster = { ...pending, num_workers: 0 };
    expect(words(cluster, null, 0, trans)).toEqual([
      ['Start requested', 'done', null],
      ['Driver', 'now', null],
      ['Ready for notebooks', 'later', null]
    ]);
  });
});

describe('startedAt', () => {
  it('is the time of the latest request', () => {
    const events = [
      { timestamp: 9, type: 'RUNNING' as const, details: {} },
      { timestamp: 7, type: 'STARTING' as const, details: {} },
      { timestamp: 1, type: 'CREATING' as const, details: {} }
    ];
    expect(startedAt(events)).toBe(7);
    expect(startedAt([])).toBeNull();
  });
});
