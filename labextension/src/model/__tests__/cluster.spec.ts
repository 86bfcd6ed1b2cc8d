import { dotOf, failureOf, terminatesInS } from '../cluster';
import { aCluster } from './samples';

const load = { running_tasks: 0, pending_tasks: 0, busy_cores: 0, total_cores: 8 };
const live = { time: 1000, load, idle_s: 30, ends_in_s: 120, notebooks: [] };
const fault = { code: 'SPARK_STARTUP_FAILURE', type: 'SERVICE_FAULT', parameters: {} };
const wanted = { code: 'USER_REQUEST', type: 'SUCCESS', parameters: {} };

describe('a cluster', () => {
  it('counts down from the time of the report', () => {
    expect(terminatesInS(aCluster({ live }), 61_000)).toBe(60);
    expect(terminatesInS(aCluster({ live: { ...live, idle_s: 0 } }), 61_000)).toBeNull();
    expect(terminatesInS(aCluster({ live: { ...live, ends_in_s: null } }), 61_000)).toBeNull();
    expect(terminatesInS(aCluster({ live, state: 'TERMINATED' }), 61_000)).toBeNull();
  });

  it('has a failure unless its termination was wanted', () => {
    const terminated = { state: 'TERMINATED', state_message: 'No Java.\n\tat org.Main(M.java:1)' } as const;
    expect(failureOf(aCluster({ ...terminated, termination_reason: fault }))).toBe('No Java.');
    expect(failureOf(aCluster({ ...terminated, termination_reason: wanted }))).toBe('');
    expect(failureOf(aCluster({ state: 'TERMINATED', termination_reason: fault }))).toBe('SPARK_STARTUP_FAILURE');
  });

  it('has a dot for its state', () => {
    expect(dotOf(aCluster())).toBe('up');
    expect(dotOf(aCluster({ state: 'PENDING' }))).toBe('changing');
    expect(dotOf(aCluster({ state: 'TERMINATED', termination_reason: wanted }))).toBe('down');
    expect(dotOf(aCluster({ state: 'TERMINATED', termination_reason: fault }))).toBe('failed');
  });
});
