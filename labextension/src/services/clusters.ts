/**
 * Every cluster, kept up to date: by the server's word that something changed, and slowly by asking.
 */
import { JSONExt, PromiseDelegate, ReadonlyJSONValue } from '@lumino/coreutils';
import { DisposableDelegate, IDisposable } from '@lumino/disposable';
import { Poll } from '@lumino/polling';
import { ISignal, Signal } from '@lumino/signaling';

import type { IClusters } from '../tokens';
import { ApiError, Client } from './client';
import type {
  Catalogue,
  Cluster,
  EventPage,
  Limits,
  Live,
  LogFile,
  LogPiece,
  NodeResources,
  NodeType,
  Sample,
  Spec,
  State
} from './wire';

/** States in which a cluster's driver answers. */
const UP: readonly State[] = ['RUNNING', 'RESIZING'];

/** Name of the server's word that clusters have changed. */
export const NEWS = 'urn:jupyter-dbx:clusters:v1';

/** How often the server is asked while somebody looks at running clusters (more seldom for each of them), and else, ms. */
const WATCHED_MS = 5_000;
const MORE_FOR_EACH_MS = 25;
const UNWATCHED_MS = 30_000;

/** Instants so close to each other are the same one, told at different times, ms. */
const SAME_MS = 2_000;

/** News that come in a bunch are answered once, ms. */
const BUNCH_MS = 50;

/** What the server says: that there were so many changes. */
interface News {
  schema_id: string;
  revision?: number;
}

/** Something that emits what the server says, as Jupyter's event manager does. */
export type NewsStream = ISignal<unknown, News>;

/** The service behind `IClusters`. */
export class Clusters implements IClusters, IDisposable {
  constructor(
    private readonly client: Client,
    private readonly news: NewsStream
  ) {
    this.poll = new Poll({
      name: 'jupyter-dbx:clusters',
      factory: () => this.load(),
      frequency: { interval: WATCHED_MS, backoff: true, max: UNWATCHED_MS },
      standby: 'when-hidden'
    });
    this.news.connect(this.onNews, this);
  }

  get changed(): ISignal<this, void> {
    return this._changed;
  }

  get all(): Cluster[] | null {
    return this._all;
  }

  get trouble(): string {
    return this._trouble;
  }

  get catalogue(): Catalogue | null {
    return this._catalogue;
  }

  get ready(): Promise<void> {
    return this._ready.promise;
  }

  get isDisposed(): boolean {
    return this.poll.isDisposed;
  }

  dispose(): void {
    this.news.disconnect(this.onNews, this);
    window.clearTimeout(this.timer);
    this.poll.dispose();
    Signal.clearData(this);
  }

  isAsked(clusterId: string): boolean {
    return this.asked.has(clusterId);
  }

  find(clusterId: string): Cluster | undefined {
    return this._all?.find(cluster => cluster.cluster_id === clusterId);
  }

  get(clusterId: string): Promise<Cluster> {
    return this.client.get<Cluster>(pathOf(clusterId));
  }

  async loadCatalogue(): Promise<Catalogue> {
    const [types, limits, versions] = await Promise.all([
      this.client.get<{ node_types: NodeType[] }>('2.1/clusters/list-node-types'),
      this.client.get<Limits>('dbx/limits'),
      this.client.get<{ versions: { key: string }[] }>('2.1/clusters/spark-versions')
    ]);
    this._catalogue = { nodeTypes: types.node_types, limits, sparkVersion: versions.versions[0].key };
    return this._catalogue;
  }

  async create(spec: Spec): Promise<string> {
    const { cluster_id } = await this.client.post<{ cluster_id: string }>('2.1/clusters/create', spec);
    this.asked.add(cluster_id);
    await this.refresh();
    return cluster_id;
  }

  async edit(clusterId: string, spec: Spec): Promise<void> {
    await this.ask('edit', clusterId, spec);
  }

  async ask(verb: string, clusterId: string, args: object = {}): Promise<void> {
    await this.client.post(`2.1/clusters/${verb}`, { ...args, cluster_id: clusterId });
    this.asked.add(clusterId);
    await this.refresh();
  }

  async extend(clusterId: string): Promise<void> {
    await this.client.post(`${pathOf(clusterId)}/extend`);
    await this.refresh();
  }

  events(clusterId: string, offset: number, types: readonly string[]): Promise<EventPage> {
    return this.client.post<EventPage>(`${pathOf(clusterId)}/events`, { offset, event_types: types });
  }

  async logs(clusterId: string): Promise<LogFile[]> {
    return (await this.client.get<{ logs: LogFile[] }>(`${pathOf(clusterId)}/logs`)).logs;
  }

  log(clusterId: string, path: string, offset?: number): Promise<LogPiece> {
    const from = offset === undefined ? 'tail=500' : `offset=${offset}`;
    return this.client.get<LogPiece>(`${pathOf(clusterId)}/log?path=${encodeURIComponent(path)}&${from}`);
  }

  logUrl(clusterId: string, path: string): string {
    return this.client.url(`api/${pathOf(clusterId)}/log/download?path=${encodeURIComponent(path)}`);
  }

  async metrics(clusterId: string, sinceMs: number): Promise<Sample[]> {
    return (await this.client.get<{ samples: Sample[] }>(`${pathOf(clusterId)}/metrics?since=${sinceMs}`)).samples;
  }

  async resources(clusterId: string): Promise<NodeResources[]> {
    return (await this.client.get<{ nodes: NodeResources[] }>(`${pathOf(clusterId)}/resources`)).nodes;
  }

  masterUiUrl(clusterId: string): string {
    return this.client.url(`api/${pathOf(clusterId)}/master-ui/`);
  }

  sparkUiUrl(clusterId: string): string {
    return this.client.url(`api/${pathOf(clusterId)}/spark-ui/`);
  }

  watch(): IDisposable {
    this.watchers += 1;
    this.pace();
    return new DisposableDelegate(() => {
      this.watchers -= 1;
      this.pace();
    });
  }

  async refresh(): Promise<void> {
    await this.poll.refresh();
    await this.poll.tick.catch(() => undefined);
  }

  private async load(): Promise<void> {
    try {
      this.show((await this.loadLive()) ?? (await this.loadAll()), '');
      this._ready.resolve();
    } catch (error) {
      this.show(this._all, (error as ApiError).message);
      throw error; // lets the poll back off
    } finally {
      this.pace();
    }
  }

  /** Return every cluster with what its driver says now, or null if more than that has changed. */
  private async loadLive(): Promise<Cluster[] | null> {
    if (!this._all || this.isStale) {
      return null;
    }
    const { revision, live } = await this.client.get<{ revision: number; live: Record<string, Live> }>('dbx/live');
    return revision === this.revision ? this._all.map(cluster => withLive(cluster, live[cluster.cluster_id])) : null;
  }

  private async loadAll(): Promise<Cluster[]> {
    const [{ revision, clusters }] = await Promise.all([
      this.client.get<{ revision: number; clusters: Cluster[] }>('dbx/clusters'),
      this._catalogue ?? this.loadCatalogue()
    ]);
    this.revision = revision;
    this.isStale = false;
    return clusters.sort((a, b) => Number(b.pinned) - Number(a.pinned));
  }

  private show(all: Cluster[] | null, trouble: string): void {
    const was = { all: this._all, trouble: this._trouble } as unknown as ReadonlyJSONValue;
    const is = { all, trouble } as unknown as ReadonlyJSONValue;
    if (!this.isDisposed && !JSONExt.deepEqual(was, is)) {
      this._all = all;
      this._trouble = trouble;
      this._changed.emit();
    }
  }

  private onNews(_: unknown, event: News): void {
    if (event.schema_id === NEWS && event.revision !== this.revision) {
      this.isStale = true;
      window.clearTimeout(this.timer);
      this.timer = window.setTimeout(() => void this.poll.refresh(), BUNCH_MS);
    }
  }

  /** Ask as often as what is shown can change without news. */
  private pace(): void {
    const moving = (this._all ?? []).filter(cluster => cluster.live).length;
    const watched = Math.min(WATCHED_MS + MORE_FOR_EACH_MS * moving, UNWATCHED_MS);
    const interval = this.watchers > 0 && moving > 0 ? watched : UNWATCHED_MS;
    if (!this.isDisposed && this.poll.frequency.interval !== interval) {
      this.poll.frequency = { ...this.poll.frequency, interval };
    }
  }

  private readonly poll: Poll;
  private readonly _changed = new Signal<this, void>(this);
  private _all: Cluster[] | null = null;
  private _trouble = '';
  private _catalogue: Catalogue | null = null;
  private readonly _ready = new PromiseDelegate<void>();
  /** of `_all`: the server's count of changes; -1 = of none yet */
  private revision = -1;
  /** true = the server has told of changes that `_all` has not */
  private isStale = false;
  private readonly asked = new Set<string>();
  private watchers = 0;
  private timer = 0;
}

/** Return a cluster with what its driver says now; what an earlier driver said is none of it. */
function withLive(cluster: Cluster, live: Live | undefined): Cluster {
  const isOurs = live && UP.includes(cluster.state) && live.time >= (cluster.spark_context_id ?? Infinity);
  return isOurs && !saysTheSame(live, cluster.live) ? { ...cluster, live } : cluster;
}

/** Return whether both say the same: idle times that only go on are no news, and nothing has to be drawn anew for them. */
function saysTheSame(now: Live, was: Live | null): boolean {
  if (!was) {
    return false;
  }
  const instants = ({ time, idle_s, ends_in_s }: Live) => [
    idle_s > 0 ? time - idle_s * 1000 : 0,
    idle_s > 0 && ends_in_s !== null ? time + ends_in_s * 1000 : 0
  ];
  const before = instants(was);
  const rest = { time: 0, idle_s: 0, ends_in_s: 0 };
  return (
    instants(now).every((instant, index) => Math.abs(instant - before[index]) < SAME_MS) &&
    JSONExt.deepEqual({ ...now, ...rest } as unknown as ReadonlyJSONValue, { ...was, ...rest } as unknown as ReadonlyJSONValue)
  );
}

function pathOf(clusterId: string): string {
  return `dbx/clusters/${encodeURIComponent(clusterId)}`;
}
