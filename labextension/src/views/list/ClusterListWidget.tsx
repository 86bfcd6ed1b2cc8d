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
import type { Cluster } from '../../model/wire';
import { ClusterList } from './ClusterList';
import type { RowAction, RowStatus } from './row';

/** What the widget shows. */
export type ListModel = Pick<ClusterSource, 'changed' | 'all' | 'problem' | 'catalogue' | 'watch'>;

/** What a click does. */
export interface ListActions {
  /** Return the text shown while an action runs; "" = none. */
  pendingWord(action: RowAction): string;
  /** Rejects with the error of the request. */
  onAction(action: RowAction, cluster: Cluster): Promise<void>;
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
        problem={this.model.problem}
        nodeTypes={this.model.catalogue?.nodeTypes ?? []}
        trans={this.trans}
        statuses={this.statuses}
        history={this.history}
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

  private async run(action: RowAction, cluster: Cluster): Promise<void> {
    this.setStatus(cluster, { pending: this.actions.pendingWord(action) });
    try {
      await this.actions.onAction(action, cluster);
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
  private statuses: ReadonlyMap<string, RowStatus> = new Map();
  private watching?: IDisposable;
}
