import { eventWords } from '../eventWords';
import * as words from '../words';
import { aCluster, catalogue, trans } from './samples';

const types = catalogue.nodeTypes;
const load = { running_tasks: 3, pending_tasks: 0, busy_cores: 3, total_cores: 8 };

describe('words', () => {
  it.each([
    [{}, '2 workers · 4 cores, 16 GiB each'],
    [{ num_workers: 1 }, '1 worker · 4 cores, 16 GiB'],
    [{ autoscale: { min_workers: 2, max_workers: 8 } }, '2–8 workers (2 now) · 4 cores, 16 GiB each'],
    [{ num_workers: 0 }, 'Single node · 1 core, 2 GiB'],
    [{ node_type_id: 'other' }, '2 workers · other each']
  ])('give the size of %j', (changes, text) => {
    expect(words.sizeWords(aCluster(changes), types, trans)).toBe(text);
  });

  it('count the uptime from when it was running, not from when it was started', () => {
    const times = { start_time: 0, last_restarted_time: 100_000, running_since: 700_000 };
    const text = (changes: object) => words.uptimeWords(aCluster({ ...times, ...changes }), 1_300_000, trans);
    expect(text({})).toBe('up 10 min');
    expect(text({ running_since: 1_290_000 })).toBe('just started');
    expect(text({ running_since: 0 })).toBe('up 20 min');
    expect(text({ state: 'PENDING' })).toBe('');
  });

  it.each([
    [99, '99 s'],
    [100, '2 min'],
    [7199, '120 min'],
    [7200, '2 h'],
    [48 * 3600, '2 days']
  ])('give %d s as %s', (seconds, text) => {
    expect(words.durationWords(seconds, trans)).toBe(text);
  });

  it('give the load', () => {
    const live = { time: 0, load, idle_s: 0, ends_in_s: null, notebooks: [] };
    expect(words.loadWords(aCluster({ live }), trans)).toBe('3 of 8 cores busy');
    const busy = { ...live, load: { ...load, pending_tasks: 2 } };
    expect(words.loadWords(aCluster({ live: busy }), trans)).toBe('3 of 8 cores busy, 2 tasks pending');
  });

  it('give the termination that is to come, or the past one', () => {
    const live = { time: 1000, load, idle_s: 30, ends_in_s: 120, notebooks: [] };
    const terminated = { state: 'TERMINATED', terminated_time: 1000 } as const;
    const inactive = { code: 'INACTIVITY', type: 'SUCCESS' };
    const text = (changes: object) => words.terminationWords(aCluster(changes), 301_000, trans);
    expect(words.terminationWords(aCluster({ live }), 61_000, trans)).toBe('Idle: terminates in 60 s');
    expect(text({})).toBe('Terminates after 60 minutes of inactivity');
    expect(text({ autotermination_minutes: 0 })).toBe('No automatic termination');
    expect(text(terminated)).toBe('Terminated 5 min ago');
    expect(text({ ...terminated, termination_reason: inactive })).toBe('Terminated 5 min ago, due to inactivity');
  });

  it('give the step that a change awaits', () => {
    const step = (changes: object) => words.progressOf(aCluster(changes), trans);
    expect(step({ driver: undefined })).toEqual([0, 'Waiting for the driver']);
    expect(step({ num_workers: 4 })).toEqual([3 / 5, '2 of 4 workers ready']);
    expect(step({ num_workers: 0, executors: [] })).toEqual([1, 'Driver ready']);
    expect(step({ state: 'TERMINATING' })).toEqual([0, 'Waiting for processes to end']);
  });

  it.each([
    ['CREATING', { user: 'ada' }, 'Created by ada'],
    [
      'RESIZING',
      { current_num_workers: 1, target_num_workers: 2, cause: 'AUTOSCALE' },
      'Resizing from 1 worker to 2 workers (autoscaling)'
    ],
    [
      'TERMINATING',
      { reason: { code: 'INACTIVITY', type: 'SUCCESS', parameters: { inactivity_duration_min: '10' } } },
      'Terminating: inactive for 10 min'
    ],
    ['SOMETHING_NEW', {}, 'something new']
  ])('give the event %s', (type, details, text) => {
    expect(eventWords({ timestamp: 0, type, details }, trans)).toBe(text);
  });
});
