import type { Cluster } from '../wire';
import { notificationsOf } from '../notifications';
import { aCluster, trans } from './samples';

const load = { running_tasks: 0, pending_tasks: 0, busy_cores: 0, total_cores: 8 };
const idle = (ends_in_s: number) => ({ live: { time: 0, load, idle_s: 60, ends_in_s, notebooks: [] } });
const failed = { code: 'SPARK_STARTUP_FAILURE', type: 'SERVICE_FAULT', parameters: {} };

describe('notificationsOf', () => {
  it.each<[Partial<Cluster>, Partial<Cluster>, string[]]>([
    [{ state: 'PENDING' }, { state: 'RUNNING' }, ['up']],
    [{ state: 'RESIZING' }, { state: 'RUNNING' }, []],
    [{ state: 'PENDING' }, { state: 'TERMINATED', termination_reason: failed }, ['failed']],
    [
      {},
      { state: 'TERMINATED', termination_reason: { code: 'INACTIVITY', type: 'SUCCESS', parameters: {} } },
      ['terminated']
    ],
    [{}, { state: 'TERMINATED', termination_reason: { code: 'USER_REQUEST', type: 'SUCCESS', parameters: {} } }, []],
    [{ spark_context_id: 1 }, { spark_context_id: 2 }, ['driver-restarted']],
    [{ spark_context_id: 1 }, { spark_context_id: undefined }, []],
    [idle(301), idle(299), ['terminating-soon']],
    [idle(299), idle(290), []],
    [idle(200), idle(3600), ['extended']]
  ])('reports %j → %j as %j', (was, is, kinds) => {
    const found = notificationsOf([aCluster(was)], [aCluster(is)], 0, 0, trans);
    expect(found.map(({ kind }) => kind)).toEqual(kinds);
  });

  it('ignores new clusters', () => {
    expect(notificationsOf([], [aCluster()], 0, 0, trans)).toEqual([]);
  });

  it('has a text for each kind', () => {
    const texts = (was: Partial<Cluster>, is: Partial<Cluster>) =>
      notificationsOf([aCluster(was)], [aCluster(is)], 0, 0, trans).map(({ message }) => message);
    const inactive = { code: 'INACTIVITY', type: 'SUCCESS', parameters: {} };
    expect(texts({ state: 'PENDING' }, {})).toEqual(['Cluster etl is running.']);
    expect(texts({}, { state: 'ERROR', state_message: 'No Java.\nmore' })).toEqual(['Cluster etl failed: No Java.']);
    expect(texts({}, { state: 'TERMINATED', termination_reason: inactive })).toEqual([
      'Cluster etl was terminated due to inactivity.'
    ]);
    expect(texts({ spark_context_id: 1 }, { spark_context_id: 2 })).toEqual([
      'The driver of cluster etl restarted. Create its DataFrames again.'
    ]);
    expect(texts(idle(301), idle(299))).toEqual(['Cluster etl is idle and terminates in 5 min.']);
  });
});
