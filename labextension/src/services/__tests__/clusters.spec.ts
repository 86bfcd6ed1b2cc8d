import { Signal } from '@lumino/signaling';

import { Client } from '../client';
import type { Live } from '../wire';
import { Clusters, NEWS, NewsStream } from '../clusters';
import { aCluster, catalogue } from '../../views/__tests__/samples';

const load = { running_tasks: 1, pending_tasks: 0, busy_cores: 1, total_cores: 2 };
const live = (changes: Partial<Live>): Live => ({
  time: 2000,
  load,
  idle_s: 0,
  ends_in_s: 3600,
  notebooks: [],
  ...changes
});

class FakeClient {
  clusters = [aCluster({ spark_context_id: 1000 })];
  revision = 1;
  live: Record<string, Live> = {};
  heard: string[] = [];
  fails = false;

  async get(path: string): Promise<unknown> {
    this.heard.push(path);
    if (this.fails) {
      throw new Error('The server does not answer.');
    }
    if (path === 'dbx/clusters') {
      return { revision: this.revision, clusters: this.clusters.map(cluster => ({ ...cluster })) };
    }
    if (path === 'dbx/live') {
      return { revision: this.revision, live: this.live };
    }
    return path === 'dbx/limits'
      ? catalogue.limits
      : { node_types: catalogue.nodeTypes, versions: [{ key: catalogue.sparkVersion }] };
  }

  async post(path: string, body: object): Promise<unknown> {
    this.heard.push(`${path} ${JSON.stringify(body)}`);
    return { cluster_id: '2' };
  }

  url(path: string): string {
    return `/base/${path}`;
  }
}

describe('Clusters', () => {
  let client: FakeClient;
  let news: Signal<object, { schema_id: string }>;
  let clusters: Clusters;

  beforeEach(async () => {
    client = new FakeClient();
    news = new Signal({});
    clusters = new Clusters(client as unknown as Client, news as NewsStream);
    await clusters.ready;
  });

  afterEach(() => clusters.dispose());

  it('knows every cluster, pinned ones first', async () => {
    client.clusters.push(aCluster({ cluster_id: '2', pinned: true }));
    client.revision++;
    await clusters.refresh();
    expect(clusters.all!.map(cluster => cluster.cluster_id)).toEqual(['2', '1']);
    expect(clusters.catalogue).toEqual(catalogue);
  });

  it('emits only what has changed', async () => {
    let count = 0;
    clusters.changed.connect(() => count++);
    await clusters.refresh();
    expect(count).toBe(0);
    client.clusters[0].state = 'TERMINATED';
    client.revision++;
    await clusters.refresh();
    expect(count).toBe(1);
  });

  it('asks for all clusters only after a change', async () => {
    client.heard = [];
    await clusters.refresh();
    expect(client.heard).toEqual(['dbx/live']);
    client.revision++;
    await clusters.refresh();
    expect(client.heard.filter(path => path !== 'dbx/live')).toEqual(['dbx/clusters']);
  });

  it.each<[string, Live | null, Live, boolean]>([
    ['the first word', null, live({}), true],
    ['more load', live({}), live({ time: 9000, load: { ...load, running_tasks: 2 } }), true],
    ['nothing new', live({}), live({ time: 9000 }), false],
    ['idle time that goes on', live({ idle_s: 5, ends_in_s: 60 }), live({ time: 9000, idle_s: 12, ends_in_s: 53 }), false],
    ['an extension', live({ idle_s: 50, ends_in_s: 15 }), live({ time: 9000, idle_s: 1, ends_in_s: 64 }), true],
    ['the begin of idle time', live({}), live({ time: 9000, idle_s: 1, ends_in_s: 64 }), true],
    ['an earlier driver', null, live({ time: 999 }), false]
  ])('emits what drivers say if it is news: %s', async (_, was, is, isNews) => {
    client.clusters[0].live = was;
    client.revision++;
    await clusters.refresh();
    let count = 0;
    clusters.changed.connect(() => count++);
    client.live = { 1: is, gone: is };
    await clusters.refresh();
    expect(count).toBe(Number(isNews));
    expect(clusters.all![0].live).toEqual(isNews ? is : was);
  });

  it('looks once for a bunch of news, and not at all for those of others', async () => {
    const asked = () => client.heard.filter(path => path === 'dbx/clusters').length;
    const before = asked();
    news.emit({ schema_id: 'of another extension' });
    news.emit({ schema_id: NEWS });
    news.emit({ schema_id: NEWS });
    await new Promise(resolve => setTimeout(resolve, 400));
    expect(asked()).toBe(before + 1);
  });

  it('keeps what it knows while the server is away, and says why', async () => {
    client.fails = true;
    await clusters.refresh();
    expect(clusters.all).toHaveLength(1);
    expect(clusters.trouble).toBe('The server does not answer.');
    client.fails = false;
    await clusters.refresh();
    expect(clusters.trouble).toBe('');
  });

  it('asks for verbs in the words of the API', async () => {
    await clusters.ask('resize', '1', { num_workers: 3 });
    await clusters.extend('1');
    expect(await clusters.create({ cluster_name: 'a' })).toBe('2');
    expect(client.heard).toContain('2.1/clusters/resize {"num_workers":3,"cluster_id":"1"}');
    expect(client.heard).toContain('dbx/clusters/1/extend undefined');
    expect(clusters.sparkUiUrl('a/b')).toBe('/base/api/dbx/clusters/a%2Fb/spark-ui/');
  });
});
