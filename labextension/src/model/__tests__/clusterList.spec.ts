import { listOf } from '../clusterList';
import { aCluster, trans } from './samples';

const seat = {
  kernel_id: 'k',
  pid: 1,
  since_ms: 0,
  notebook: '/home/ada/Sales.ipynb',
  path: 'Sales.ipynb',
  busy: false
};
const load = { running_tasks: 0, pending_tasks: 0, busy_cores: 0, total_cores: 1 };
const clusters = [
  aCluster({ cluster_id: '1', cluster_name: 'kept', state: 'TERMINATED', pinned: true }),
  aCluster({
    cluster_id: '2',
    cluster_name: 'b',
    start_time: 1,
    live: { time: 0, load, idle_s: 0, ends_in_s: null, notebooks: [seat] }
  }),
  aCluster({ cluster_id: '3', cluster_name: 'a', start_time: 2 }),
  aCluster({ cluster_id: '4', cluster_name: 'old', state: 'TERMINATED' })
];
const names = (query: string, order: 'state' | 'name' | 'newest') => {
  const { shown, folded } = listOf(clusters, query, order, trans);
  return [shown, folded].map(some => some.map(cluster => cluster.cluster_name));
};

describe('listOf', () => {
  it.each<['state' | 'name' | 'newest', string[]]>([
    ['state', ['kept', 'b', 'a']],
    ['name', ['kept', 'a', 'b']],
    ['newest', ['kept', 'a', 'b']]
  ])('sorts by %s, pinned clusters first, and folds terminated ones', (order, shown) => {
    expect(names('', order)).toEqual([shown, ['old']]);
  });

  it('shows a cluster that failed beside those that run', () => {
    const failed = { code: 'SPARK_STARTUP_FAILURE', type: 'SERVICE_FAULT', parameters: {} };
    const broken = aCluster({ cluster_name: 'broken', state: 'TERMINATED', termination_reason: failed });
    const { shown, folded } = listOf([...clusters, broken], '', 'state', trans);
    expect(shown.map(cluster => cluster.cluster_name)).toContain('broken');
    expect(folded.map(cluster => cluster.cluster_name)).toEqual(['old']);
  });

  it.each<[string, string[][]]>([
    ['sales', [['b'], []]],
    ['TERM', [['kept'], ['old']]],
    ['run 3', [['a'], []]],
    ['none like it', [[], []]]
  ])('finds all words of %j in name, ID, state and notebooks', (query, found) => {
    expect(names(query, 'state')).toEqual(found);
  });
});
