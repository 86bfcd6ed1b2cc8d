import { Signal } from '@lumino/signaling';

import { aCluster, catalogue } from '../../model/__tests__/samples';
import { ApiError } from '../../model/errors';
import type { Live } from '../../model/wire';
import type { Client } from '../client';
import { Clusters, CLUSTERS_CHANGED } from '../clusters';

const report: Live = {
  time: 2000,
  load: { running_tasks: 1, pending_tasks: 0, busy_cores: 1, total_cores: 2 },
  idle_s: 0,
  ends_in_s: 3600,
  notebooks: []
};

class FakeClient {
  clusters = [aCluster({ spark_context_id: 1000 })];
  revision = 1;
  live: Record<string, Live> = {};
  requests: string[] = [];
  fails = false;

  async get(path: string): Promise<unknown> {
    this.requests.push(path);
    if (this.fails) {
      throw new ApiError('The server is not responding.', { code: 'UNREACHABLE', status: 0 });
    }
    if (path === 'dbx/clusters') {
      return { revision: this.revision, clusters: this.clusters.map(cluster => ({ ...cluster })) };
    }
    if (path === 'dbx/live') {
      return { revision: this.revision, live: this.live };
    }
    if (path === 'dbx/workspace') {
      return { user_name: 'ada' };
    }
    return path === 'dbx/limits'
      ? catalogue.limits
      : { node_types: catalogue.nodeTypes, versions: [{ key: catalogue.sparkVersion }] };
  }

  async post(path: string, body: object): Promise<unknown> {
    this.requests.push(`${path} ${JSON.stringify(body)}`);
    return { cluster_id: '2' };
  }

  url(path: string): string {
    return `/base/${path}`;
  }
}

describe('Clusters', () => {
  let client: FakeClient;
  let stream: Signal<object, { schema_id: string }>;
  let clusters: Clusters;

  const changesDuring = async (action: () => Promise<unknown>) => {
    let count = 0;
    const increment = () => void count++;
    clusters.changed.connect(increment);
    await action();
    clusters.changed.disconnect(increment);
    return count;
  };

  beforeEach(async () => {
    client = new FakeClient();
    stream = new Signal({});
    clusters = new Clusters(client as unknown as Client, stream);
    await clusters.ready;
  });

  afterEach(() => clusters.dispose());

  it('loads all clusters, pinned ones first', async () => {
    client.clusters.push(aCluster({ cluster_id: '2', pinned: true }));
    client.revision++;
    await clusters.refresh();
    expect(clusters.all!.map(cluster => cluster.cluster_id)).toEqual(['2', '1']);
    expect(clusters.catalogue).toEqual(catalogue);
  });

  it('emits only when something has changed', async () => {
    expect(await changesDuring(() => clusters.refresh())).toBe(0);
    client.clusters[0].state = 'TERMINATED';
    client.revision++;
    expect(await changesDuring(() => clusters.refresh())).toBe(1);
  });

  it('requests all clusters only after a change', async () => {
    client.requests = [];
    await clusters.refresh();
    expect(client.requests).toEqual(['dbx/live']);
    client.revision++;
    await clusters.refresh();
    expect(client.requests.filter(path => path !== 'dbx/live')).toEqual(['dbx/clusters', 'dbx/limits']);
  });

  it('merges the reports of drivers', async () => {
    client.live = { 1: report, deleted: report };
    expect(await changesDuring(() => clusters.refresh())).toBe(1);
    expect(clusters.all!.map(({ live }) => live)).toEqual([report]);
  });

  it('loads once after a burst of events, and ignores events of others', async () => {
    jest.useFakeTimers({ doNotFake: ['nextTick', 'queueMicrotask', 'requestAnimationFrame'] });
    try {
      const loads = () => client.requests.filter(path => path === 'dbx/clusters').length;
      const before = loads();
      stream.emit({ schema_id: 'of another extension' });
      stream.emit({ schema_id: CLUSTERS_CHANGED });
      stream.emit({ schema_id: CLUSTERS_CHANGED });
      await jest.advanceTimersByTimeAsync(400);
      expect(loads()).toBe(before + 1);
    } finally {
      jest.useRealTimers();
    }
  });

  it('keeps the clusters while the server is not responding', async () => {
    client.fails = true;
    await clusters.refresh();
    expect(clusters.all).toHaveLength(1);
    expect(clusters.problem).toBe('The server is not responding.');
    client.fails = false;
    await clusters.refresh();
    expect(clusters.problem).toBe('');
  });

  it('sends the requests of the API', async () => {
    await clusters.request('resize', '1', { num_workers: 3 });
    await clusters.extend('1');
    expect(await clusters.create({ cluster_name: 'a' })).toBe('2');
    expect(client.requests).toContain('2.1/clusters/resize {"num_workers":3,"cluster_id":"1"}');
    expect(client.requests).toContain('dbx/clusters/1/extend undefined');
    expect(clusters.sparkUiUrl('a/b')).toBe('/base/api/dbx/clusters/a%2Fb/spark-ui/');
    expect(['1', '2', '3'].map(id => clusters.isRequestedHere(id))).toEqual([true, true, false]);
  });
});
