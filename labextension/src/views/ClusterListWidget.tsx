/**
 * The list as a widget: draws it anew when clusters change, and remembers what its own buttons are about to do.
 */
import type { TranslationBundle } from '@jupyterlab/translation';
import { ReactWidget } from '@jupyterlab/ui-components';
import type { IDisposable } from '@lumino/disposable';
import type { Message } from '@lumino/messaging';
import type { ISignal } from '@lumino/signaling';
import * as React from 'react';

import type { Catalogue, Cluster } from '../services/wire';
import { ClusterList } from './ClusterList';
import type { Note, RowVerb } from './ClusterRow';

/** What the widget shows. */
export interface ListModel {
  readonly changed: ISignal<unknown, void>;
  readonly all: readonly Cluster[] | null;
  readonly trouble: string;
  readonly catalogue: Catalogue | null;
  watch(): IDisposable;
}

/** What happens when something is clicked. */
export interface ListActions {
  /** Return what is shown while a verb is carried out, or "". */
  doing(verb: RowVerb): string;
  /** Rejects with the reason of a refusal. */
  onVerb(verb: RowVerb, cluster: Cluster): Promise<void>;
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
    model.changed.connect(this.update, this);
  }

  dispose(): void {
    this.model.changed.disconnect(this.update, this);
    this.watching?.dispose();
    super.dispose();
  }

  protected onAfterAttach(message: Message): void {
    super.onAfterAttach(message);
    if (this.isVisible) {
      this.watching ??= this.model.watch(); // a panel that JupyterLab has restored is never shown anew
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
        trouble={this.model.trouble}
        nodeTypes={this.model.catalogue?.nodeTypes ?? []}
        trans={this.trans}
        notes={this.notes}
        onVerb={(verb, cluster) => void this.carryOut(verb, cluster)}
        onMenu={this.actions.onMenu}
        onCreate={this.actions.onCreate}
      />
    );
  }

  private async carryOut(verb: RowVerb, cluster: Cluster): Promise<void> {
    this.note(cluster, { doing: this.actions.doing(verb) });
    try {
      await this.actions.onVerb(verb, cluster);
      this.note(cluster, {});
    } catch (error) {
      this.note(cluster, { refused: (error as Error).message });
    }
  }

  private note(cluster: Cluster, note: Note): void {
    this.notes = new Map([...this.notes, [cluster.cluster_id, note]]);
    this.update();
  }

  private notes: ReadonlyMap<string, Note> = new Map();
  private watching?: IDisposable;
}
