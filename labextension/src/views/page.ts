/**
 * What the page of a cluster and its parts are given.
 */
import type { TranslationBundle } from '@jupyterlab/translation';
import type { IDisposable } from '@lumino/disposable';
import type { ISignal } from '@lumino/signaling';

import type { Catalogue, Cluster, EventPage, LogFile, LogPiece, NodeResources, Sample } from '../services/wire';

/** What the page asks for. */
export interface PageModel {
  readonly changed: ISignal<unknown, void>;
  readonly catalogue: Catalogue | null;
  find(clusterId: string): Cluster | undefined;
  get(clusterId: string): Promise<Cluster>;
  events(clusterId: string, offset: number, types: readonly string[]): Promise<EventPage>;
  logs(clusterId: string): Promise<LogFile[]>;
  log(clusterId: string, path: string, offset?: number): Promise<LogPiece>;
  logUrl(clusterId: string, path: string): string;
  metrics(clusterId: string, sinceMs: number): Promise<Sample[]>;
  resources(clusterId: string): Promise<NodeResources[]>;
  sparkUiUrl(clusterId: string): string;
  masterUiUrl(clusterId: string): string;
  watch(): IDisposable;
}

/** What happens when something on the page is clicked. */
export interface PageActions {
  onOpenSparkUi(): void;
  /** Return what the head has buttons for, as long as it makes sense. */
  verbsOf(cluster: Cluster): { label: string; run(): void }[];
  onMore(cluster: Cluster, x: number, y: number): void;
  onOpenNotebook(path: string): void;
  onInterrupt(kernelId: string): void;
  onDetach(kernelId: string): void;
}

/** What the page and its parts need. */
export interface PageProps {
  model: PageModel;
  clusterId: string;
  /** undefined = it is not there any more */
  cluster: Cluster | undefined;
  trans: TranslationBundle;
  actions: PageActions;
}
