import { withLive } from '../live';
import type { Live } from '../wire';
import { aCluster } from './samples';

const load = { running_tasks: 1, pending_tasks: 0, busy_cores: 1, total_cores: 2 };
const report = (changes: Partial<Live>): Live => ({
  time: 2000,
  load,
  idle_s: 0,
  ends_in_s: 3600,
  notebooks: [],
  ...changes
});

describe('withLive', () => {
  it.each<[string, Live | null, Live, boolean]>([
    ['the first report', null, report({}), true],
    ['more load', report({}), report({ time: 9000, load: { ...load, running_tasks: 2 } }), true],
    ['no change', report({}), report({ time: 9000 }), false],
    [
      'idle time that advances',
      report({ idle_s: 5, ends_in_s: 60 }),
      report({ time: 9000, idle_s: 12, ends_in_s: 53 }),
      false
    ],
    ['an extension', report({ idle_s: 50, ends_in_s: 15 }), report({ time: 9000, idle_s: 1, ends_in_s: 64 }), true],
    ['the start of idle time', report({}), report({ time: 9000, idle_s: 1, ends_in_s: 64 }), true],
    ['an earlier driver', null, report({ time: 999 }), false]
  ])('compares reports: %s', (_, before, now, isNew) => {
    const cluster = aCluster({ spark_context_id: 1000, live: before });
    const found = withLive(cluster, now);
    expect(found === cluster).toBe(!isNew);
    expect(found.live).toEqual(isNew ? now : before);
  });

  it('ignores reports of a cluster that is not up', () => {
    const cluster = aCluster({ state: 'TERMINATED', spark_context_id: 1000 });
    expect(withLive(cluster, report({}))).toBe(cluster);
    expect(withLive(cluster, undefined)).toBe(cluster);
  });
});
