/**
 * The list as a widget: draws again when clusters change, and keeps the status of each row's requests.
 */
import type { TranslationBundle } from '@jupyterlab/translation';
import { ReactWidget } from '@jupyterlab/ui-components';
import type { IDisposable } from '@lumino/disposable';
import type { Message } from '@lumino/messaging';
import * as React from 'react';

import type { ClusterSource } from '../../model/clusterSource';
import { LoadHistory } from '../../model/loadHistory';
import { WantedSizes } from '../../model/wantedSizes';
import type { Cluster } from '../../model/wire';
import { ClusterList } from './ClusterList';
import type { RowAction, RowStatus } from './row';

/** What the widget shows. */
export type ListModel = Pick<ClusterSource, 'changed' | 'all' | 'user' | 'problem' | 'catalogue' | 'watch'>;

/** What a click does. */
export interface ListActions {
  /** Return the text shown while an action runs; "" = none. */
  pendingWord(action: RowAction): string;
  /** Rejects with the error of the request. */
  onAction(action: RowAction, cluster: Cluster): Promise<void>;
  /** Give a cluster so many workers; rejects with the error of the request. */
  onResize(cluster: Cluster, workers: number): Promise<void>;
  /** text shown meanwhile */
  resizingWord: string;
  onMenu(cluster: Cluster, x: number, y: number): void;
  onCreate(): void;
}

/** The list. */
export class ClusterListWidget extends ReactWidget {
  constructor(
    private readonly model: ListModel,
    private readonly trans: TranslationBundle,
    private readonly actions: ListActions
  ) {
    super();
    this.addClass('jp-Dbx-clusters');
    model.changed.connect(this.onChanged, this);
  }

  dispose(): void {
    this.model.changed.disconnect(this.onChanged, this);
    this.watching?.dispose();
    this.wanted.dispose();
    super.dispose();
  }

  protected onAfterAttach(message: Message): void {
    super.onAfterAttach(message);
    if (this.isVisible) {
      this.watching ??= this.model.watch(); // a panel that JupyterLab restores gets no "show" message
    }
  }

  protected onAfterShow(message: Message): void {
    super.onAfterShow(message);
    this.watching ??= this.model.watch();
  }

  protected onAfterHide(message: Message): void {
    super.onAfterHide(message);
    this.watching?.dispose();
    this.watching = undefined;
  }

  protected render(): JSX.Element {
    return (
      <ClusterList
        clusters={this.model.all}
        user={this.model.user}
        problem={this.model.problem}
        catalogue={this.model.catalogue}
        trans={this.trans}
        statuses={this.statuses}
        history={this.history}
        wanted={this.wanted}
        onAction={(action, cluster) => void this.run(action, cluster)}
        onMenu={this.actions.onMenu}
        onCreate={this.actions.onCreate}
      />
    );
  }

  private onChanged(): void {
    this.history.note(this.model.all ?? [], Date.now());
    this.update();
  }

  private run(action: RowAction, cluster: Cluster): Promise<void> {
    return this.follow(cluster, this.actions.pendingWord(action), this.actions.onAction(action, cluster));
  }

  private async resize(clusterId: string, workers: number): Promise<void> {
    const cluster = this.model.all?.find(({ cluster_id }) => cluster_id === clusterId);
    if (cluster) {
      await this.follow(cluster, this.actions.resizingWord, this.actions.onResize(cluster, workers));
    }
  }

  /** Show in the row of a cluster that a request runs, or its error. */
  private async follow(cluster: Cluster, pending: string, request: Promise<void>): Promise<void> {
    this.setStatus(cluster, { pending });
    try {
      await request;
      this.setStatus(cluster, {});
    } catch (error) {
      this.setStatus(cluster, { error: (error as Error).message });
    }
  }

  private setStatus(cluster: Cluster, status: RowStatus): void {
    this.statuses = new Map([...this.statuses, [cluster.cluster_id, status]]);
    this.update();
  }

  private readonly history = new LoadHistory();
  private readonly wanted = new WantedSizes(
    (clusterId, workers) => this.resize(clusterId, workers),
    () => this.update()
  );
  private statuses: ReadonlyMap<string, RowStatus> = new Map();
  private watching?: IDisposable;
}
