import { eventWords } from '../eventWords';
import * as words from '../words';
import { aCluster, catalogue, trans } from './samples';

const types = catalogue.nodeTypes;
const load = { running_tasks: 3, pending_tasks: 0, busy_cores: 3, total_cores: 8 };

describe('words', () => {
  it.each([
    [{}, '2 × 4 cores, 16 GiB'],
    [{ autoscale: { min_workers: 2, max_workers: 8 } }, '2–8 (2 now) × 4 cores, 16 GiB'],
    [{ num_workers: 0 }, 'single node, 1 core, 2 GiB'],
    [{ node_type_id: 'other' }, '2 × other']
  ])('tell the size of %j', (changes, told) => {
    expect(words.sizeWords(aCluster(changes), types, trans)).toBe(told);
  });

  it.each([
    [99, '99 s'],
    [100, '2 min'],
    [7199, '120 min'],
    [7200, '2 h'],
    [48 * 3600, '2 days']
  ])('tell %d s as %s', (seconds, told) => {
    expect(words.durationWords(seconds, trans)).toBe(told);
  });

  it('count down from when the driver said how long it has', () => {
    const live = { time: 1000, load, idle_s: 30, ends_in_s: 120, notebooks: [] };
    expect(words.endsInS(aCluster({ live }), 61_000)).toBe(60);
    expect(words.endsInS(aCluster({ live: { ...live, idle_s: 0 } }), 61_000)).toBeNull();
    expect(words.endsInS(aCluster({ live, state: 'TERMINATED' }), 61_000)).toBeNull();
    expect(words.endingWords(aCluster({ live }), 61_000, trans)).toBe('idle: ends in 60 s');
  });

  it('tell a failure and nothing that was wanted', () => {
    const ended = { state: 'TERMINATED', state_message: 'No Java.' } as const;
    const failed = { code: 'SPARK_STARTUP_FAILURE', type: 'SERVICE_FAULT' };
    const wanted = { code: 'USER_REQUEST', type: 'SUCCESS' };
    expect(words.failureOf(aCluster({ ...ended, termination_reason: failed }))).toBe('No Java.');
    expect(words.failureOf(aCluster({ ...ended, termination_reason: wanted }))).toBe('');
  });

  it.each([
    ['CREATING', { user: 'ada' }, 'created by ada'],
    ['RESIZING', { current_num_workers: 1, target_num_workers: 2, cause: 'AUTOSCALE' }, 'goes from 1 worker to 2 workers, by its load'],
    ['TERMINATING', { reason: { code: 'INACTIVITY', type: 'SUCCESS', parameters: { inactivity_duration_min: '10' } } }, 'ends: not in use for 10 min'],
    ['SOMETHING_NEW', {}, 'something new']
  ])('tell the event %s', (type, details, told) => {
    expect(eventWords({ timestamp: 0, type, details }, trans)).toBe(told);
  });
});
