/**
 * What a cell that found no cluster offers: to attach one, and to run the cell again.
 */
import type { TranslationBundle } from '@jupyterlab/translation';
import { ReactWidget, runIcon } from '@jupyterlab/ui-components';
import type { ISignal } from '@lumino/signaling';
import * as React from 'react';

import { choicesOf, needsStart } from '../../model/choices';
import { dotOf, nameOf } from '../../model/cluster';
import type { ClusterSource } from '../../model/clusterSource';
import type { Cluster } from '../../model/wire';
import { stateWord } from '../../model/words';
import { Button } from '../ui/Button';
import { toggleChooser } from './ChooserPopup';
import { PickButton } from './PickButton';

/** What the offer shows, and what its buttons do. */
export interface PromptOptions {
  clusters: Pick<ClusterSource, 'all' | 'catalogue' | 'changed' | 'find'>;
  trans: TranslationBundle;
  /** Emitted when clusters or the notebook's attachment have changed. */
  changed: ISignal<unknown, unknown>;
  /** Return the id of the cluster that the notebook is attached to by now; "" = none. */
  attached(): string;
  /** Attach a cluster unless it is, and run the cells. */
  onRun(cluster: Cluster): Promise<void>;
  onCreate(): void;
}

/** The offer. */
export class AttachPrompt extends ReactWidget {
  constructor(private readonly options: PromptOptions) {
    super();
    this.addClass('jp-Dbx-attach');
    this.node.dataset.lmSuppressShortcuts = 'true'; // keys are for its buttons, not for the notebook
    options.changed.connect(this.update, this);
  }

  dispose(): void {
    this.options.changed.disconnect(this.update, this);
    super.dispose();
  }

  /** Say how many further cells run after this one. */
  set following(count: number) {
    this._following = count;
    this.update();
  }

  protected render(): JSX.Element {
    const { clusters, trans, onCreate } = this.options;
    if (clusters.all?.length === 0) {
      return (
        <Button purpose="primary" onClick={onCreate}>
          {trans.__('Create cluster')}
        </Button>
      );
    }
    const cluster = this.cluster;
    return (
      <>
        <PickButton
          health={cluster ? dotOf(cluster) : 'down'}
          text={cluster ? nameOf(cluster) : trans.__('Select a cluster')}
          label={trans.__('Cluster to attach: %1', cluster ? nameOf(cluster) : trans.__('none'))}
          title={cluster ? stateWord(cluster.state, trans) : ''}
          onClick={button => this.choose(button)}
        />
        <Button
          purpose="primary"
          icon={runIcon}
          disabled={!cluster || this.isRunning}
          onClick={() => this.run(cluster)}
        >
          {this.labelOf(cluster)}
        </Button>
        {this._following > 0 && (
          <span className="jp-Dbx-hint">{trans._n('and %1 more cell', 'and %1 more cells', this._following)}</span>
        )}
      </>
    );
  }

  private get cluster(): Cluster | undefined {
    const { clusters, trans, attached } = this.options;
    return clusters.find(this.chosen || attached()) ?? choicesOf(clusters.all ?? [], '', trans)[0];
  }

  private labelOf(cluster: Cluster | undefined): string {
    const { trans, attached } = this.options;
    if (cluster && cluster.cluster_id === attached()) {
      return trans.__('Run');
    }
    return cluster && needsStart(cluster) ? trans.__('Start, attach and run') : trans.__('Attach and run');
  }

  private choose(button: HTMLElement): void {
    const { clusters, trans, onCreate } = this.options;
    toggleChooser(button, {
      clusters,
      chosen: this.cluster?.cluster_id ?? '',
      actions: [{ label: trans.__('Create Cluster…'), run: onCreate }],
      trans,
      onChoose: ({ cluster_id }) => {
        this.chosen = cluster_id;
        this.update();
      }
    });
  }

  private run(cluster: Cluster | undefined): void {
    if (cluster) {
      this.isRunning = true;
      this.update();
      void this.options.onRun(cluster).finally(() => {
        this.isRunning = false;
        this.update();
      });
    }
  }

  private chosen = '';
  private isRunning = false;
  private _following = 0;
}
