import { choicesOf } from '../choices';
import type { Live } from '../wire';
import { aCluster, trans } from './samples';

const live = (time: number, idle_s: number): Live => ({ time, idle_s, ends_in_s: null, load: null!, notebooks: [] });

const all = [
  aCluster({ cluster_id: 'old', cluster_name: 'old', state: 'TERMINATED', terminated_time: 1_000 }),
  aCluster({ cluster_id: 'idle', cluster_name: 'idle', live: live(90_000, 60) }),
  aCluster({ cluster_id: 'new', cluster_name: 'new', state: 'TERMINATED', terminated_time: 99_000 }),
  aCluster({ cluster_id: 'busy', cluster_name: 'busy', live: live(90_000, 0) }),
  aCluster({ cluster_id: 'going', cluster_name: 'going', state: 'TERMINATING' })
];

describe('choicesOf', () => {
  it('has those that run first, then the last used, and none that is ending', () => {
    const names = choicesOf(all, '', trans).map(cluster => cluster.cluster_name);
    expect(names).toEqual(['busy', 'idle', 'new', 'old']);
  });

  it('has those that match a query', () => {
    expect(choicesOf(all, 'OL', trans).map(cluster => cluster.cluster_name)).toEqual(['old']);
    expect(choicesOf(all, 'running bus', trans).map(cluster => cluster.cluster_name)).toEqual(['busy']);
  });
});
