import type { Cluster } from '../../services/wire';
import { noticesOf } from '../notices';
import { aCluster, trans } from './samples';

const load = { running_tasks: 0, pending_tasks: 0, busy_cores: 0, total_cores: 8 };
const idle = (ends_in_s: number) => ({ live: { time: 0, load, idle_s: 60, ends_in_s, notebooks: [] } });
const failed = { code: 'SPARK_STARTUP_FAILURE', type: 'SERVICE_FAULT' };

describe('notices', () => {
  it.each<[Partial<Cluster>, Partial<Cluster>, string[]]>([
    [{ state: 'PENDING' }, { state: 'RUNNING' }, ['up']],
    [{ state: 'RESIZING' }, { state: 'RUNNING' }, []],
    [{ state: 'PENDING' }, { state: 'TERMINATED', termination_reason: failed }, ['failed']],
    [{}, { state: 'TERMINATED', termination_reason: { code: 'INACTIVITY', type: 'SUCCESS' } }, ['ended']],
    [{}, { state: 'TERMINATED', termination_reason: { code: 'USER_REQUEST', type: 'SUCCESS' } }, []],
    [{ spark_context_id: 1 }, { spark_context_id: 2 }, ['healed']],
    [{ spark_context_id: 1 }, { spark_context_id: undefined }, []],
    [idle(301), idle(299), ['ending']],
    [idle(299), idle(290), []],
    [idle(200), idle(3600), ['extended']]
  ])('of %j → %j are %j', (was, is, kinds) => {
    const told = noticesOf([aCluster(was)], [aCluster(is)], 0, 0, trans);
    expect(told.map(notice => notice.kind)).toEqual(kinds);
  });

  it('leave clusters alone that were not there before', () => {
    expect(noticesOf([], [aCluster()], 0, 0, trans)).toEqual([]);
  });
});
