/**
 * All clusters, kept up to date: by the server's change events, and by slow polling.
 */
import { JSONExt, PromiseDelegate, ReadonlyJSONValue } from '@lumino/coreutils';
import { DisposableDelegate, IDisposable } from '@lumino/disposable';
import { Poll } from '@lumino/polling';
import { ISignal, Signal } from '@lumino/signaling';

import type { Catalogue } from '../model/catalogue';
import type { ApiError } from '../model/errors';
import { withLive } from '../model/live';
import type {
  Cluster,
  EventPage,
  ExecutorList,
  JobList,
  Limits,
  Live,
  LogFile,
  LogPiece,
  NodeResources,
  NodeType,
  Sample,
  Spec
} from '../model/wire';
import type { IClusters } from '../tokens';
import type { Client } from './client';

/** Schema of the server's event that clusters have changed. */
export const CLUSTERS_CHANGED = 'urn:jupyter-dbx:clusters:v1';

/** Poll interval while running clusters are on screen, plus an amount for each of them, and otherwise, ms. */
const WATCHED_MS = 5_000;
const WATCHED_PER_CLUSTER_MS = 25;
const UNWATCHED_MS = 30_000;

/** Change events within this time cause one request, ms. */
const DEBOUNCE_MS = 50;

/** An event of the server; `revision` is its count of changes. */
interface ServerEvent {
  schema_id: string;
  revision?: number;
}

/** Emits the server's events, as Jupyter's event manager does. */
export type EventStream = ISignal<unknown, ServerEvent>;

/** The service behind `IClusters`. */
export class Clusters implements IClusters, IDisposable {
  constructor(
    private readonly client: Client,
    private readonly stream: EventStream
  ) {
    this.poll = new Poll({
      name: 'jupyter-dbx:clusters',
      factory: () => this.load(),
      frequency: { interval: WATCHED_MS, backoff: true, max: UNWATCHED_MS },
      standby: 'when-hidden'
    });
    this.stream.connect(this.onEvent, this);
  }

  get changed(): ISignal<this, void> {
    return this._changed;
  }

  get all(): Cluster[] | null {
    return this._all;
  }

  get user(): string {
    return this._user;
  }

  get problem(): string {
    return this._problem;
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
    this.stream.disconnect(this.onEvent, this);
    window.clearTimeout(this.timer);
    this.poll.dispose();
    Signal.clearData(this);
  }

  isRequestedHere(clusterId: string): boolean {
    return this.requested.has(clusterId);
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
    this.requested.add(cluster_id);
    await this.refresh();
    return cluster_id;
  }

  async edit(clusterId: string, spec: Spec): Promise<void> {
    await this.request('edit', clusterId, spec);
  }

  async request(verb: string, clusterId: string, args: object = {}): Promise<void> {
    await this.client.post(`2.1/clusters/${verb}`, { ...args, cluster_id: clusterId });
    this.requested.add(clusterId);
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

  jobs(clusterId: string, sinceMs: number): Promise<JobList> {
    return this.client.get<JobList>(`${pathOf(clusterId)}/jobs?since=${sinceMs}`);
  }

  executors(clusterId: string): Promise<ExecutorList> {
    return this.client.get<ExecutorList>(`${pathOf(clusterId)}/executors`);
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
    this.adjustInterval();
    return new DisposableDelegate(() => {
      this.watchers -= 1;
      this.adjustInterval();
    });
  }

  async refresh(): Promise<void> {
    await this.poll.refresh();
    await this.poll.tick.catch(() => undefined);
  }

  private async load(): Promise<void> {
    try {
      this.update((await this.loadLive()) ?? (await this.loadAll()), '');
      this._ready.resolve();
    } catch (error) {
      this.update(this._all, (error as ApiError).message);
      throw error; // lets the poll back off
    } finally {
      this.adjustInterval();
    }
  }

  /** Return the known clusters with the latest reports of their drivers; null = more than that has changed. */
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
      this._catalogue ? this.loadLimits(this._catalogue) : this.loadCatalogue(),
      this._user || this.loadUser()
    ]);
    this.revision = revision;
    this.isStale = false;
    return clusters.sort((a, b) => Number(b.pinned) - Number(a.pinned));
  }

  /** What is free changes with each cluster. */
  private async loadLimits(catalogue: Catalogue): Promise<void> {
    this._catalogue = { ...catalogue, limits: await this.client.get<Limits>('dbx/limits') };
  }

  private async loadUser(): Promise<void> {
    this._user = (await this.client.get<{ user_name: string }>('dbx/workspace')).user_name;
  }

  private update(all: Cluster[] | null, problem: string): void {
    const before = { all: this._all, problem: this._problem } as unknown as ReadonlyJSONValue;
    const now = { all, problem } as unknown as ReadonlyJSONValue;
    if (!this.isDisposed && !JSONExt.deepEqual(before, now)) {
      this._all = all;
      this._problem = problem;
      this._changed.emit();
    }
  }

  private onEvent(_: unknown, event: ServerEvent): void {
    if (event.schema_id === CLUSTERS_CHANGED && event.revision !== this.revision) {
      this.isStale = true;
      window.clearTimeout(this.timer);
      this.timer = window.setTimeout(() => void this.poll.refresh(), DEBOUNCE_MS);
    }
  }

  /** Poll as often as anything on screen can change without a change event. */
  private adjustInterval(): void {
    const running = (this._all ?? []).filter(cluster => cluster.live).length;
    const watched = Math.min(WATCHED_MS + WATCHED_PER_CLUSTER_MS * running, UNWATCHED_MS);
    const interval = this.watchers > 0 && running > 0 ? watched : UNWATCHED_MS;
    if (!this.isDisposed && this.poll.frequency.interval !== interval) {
      this.poll.frequency = { ...this.poll.frequency, interval };
    }
  }

  private readonly poll: Poll;
  private readonly _changed = new Signal<this, void>(this);
  private _all: Cluster[] | null = null;
  private _user = '';
  private _problem = '';
  private _catalogue: Catalogue | null = null;
  private readonly _ready = new PromiseDelegate<void>();
  /** revision of `_all`; -1 = none yet */
  private revision = -1;
  /** true = the server has announced a change that `_all` does not have yet */
  private isStale = false;
  /** ids of the clusters that this page has sent requests for */
  private readonly requested = new Set<string>();
  private watchers = 0;
  private timer = 0;
}

function pathOf(clusterId: string): string {
  return `dbx/clusters/${encodeURIComponent(clusterId)}`;
}
