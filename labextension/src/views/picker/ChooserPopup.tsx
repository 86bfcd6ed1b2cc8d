/**
 * The list of clusters below a button; it closes with a choice, and when it loses the focus.
 */
import type { TranslationBundle } from '@jupyterlab/translation';
import { ReactWidget } from '@jupyterlab/ui-components';
import type { Message } from '@lumino/messaging';
import { Widget } from '@lumino/widgets';
import * as React from 'react';

import type { ClusterSource } from '../../model/clusterSource';
import type { Cluster } from '../../model/wire';
import { Chooser, ChooserAction } from './Chooser';

/** Size of the popup, px; as in the style sheet. */
const WIDTH_PX = 360;
const MAX_HEIGHT_PX = 420;

/** Least distance to the edges of the page, px. */
const MARGIN_PX = 4;

/** What the popup shows, and what a choice does. */
export interface ChooserOptions {
  clusters: Pick<ClusterSource, 'all' | 'catalogue' | 'changed'>;
  /** id of the current choice; "" = none */
  chosen: string;
  actions: readonly ChooserAction[];
  trans: TranslationBundle;
  onChoose(cluster: Cluster): void;
}

/** Show the list below a button, or above it if there is more room; close it if it is open there. */
export function toggleChooser(button: HTMLElement, options: ChooserOptions): void {
  if (ChooserPopup.open?.button === button) {
    ChooserPopup.open.close();
  } else {
    Widget.attach(new ChooserPopup(button, options), document.body);
  }
}

class ChooserPopup extends ReactWidget {
  constructor(
    readonly button: HTMLElement,
    private readonly options: ChooserOptions
  ) {
    super();
    this.addClass('jp-Dbx-chooser');
    this.node.setAttribute('role', 'dialog');
    this.node.setAttribute('aria-label', options.trans.__('Clusters'));
    options.clusters.changed.connect(this.update, this);
  }

  dispose(): void {
    this.options.clusters.changed.disconnect(this.update, this);
    super.dispose();
  }

  protected onAfterAttach(message: Message): void {
    super.onAfterAttach(message);
    ChooserPopup.open = this;
    this.place();
  }

  protected onCloseRequest(): void {
    if (ChooserPopup.open === this) {
      ChooserPopup.open = null;
    }
    this.dispose();
  }

  protected render(): JSX.Element {
    const { clusters, chosen, actions, trans, onChoose } = this.options;
    return (
      <Chooser
        clusters={clusters.all ?? []}
        nodeTypes={clusters.catalogue?.nodeTypes ?? []}
        chosen={chosen}
        actions={actions}
        trans={trans}
        onChoose={onChoose}
        onClose={isDone => this.leave(isDone)}
      />
    );
  }

  private leave(isDone: boolean): void {
    if (!this.isDisposed) {
      if (isDone) {
        this.button.focus();
      }
      this.close();
    }
  }

  private place(): void {
    const { left, top, bottom } = this.button.getBoundingClientRect();
    const below = window.innerHeight - bottom - MARGIN_PX;
    const isBelow = below >= Math.min(MAX_HEIGHT_PX, top);
    const { style } = this.node;
    style.left = `${Math.max(MARGIN_PX, Math.min(left, window.innerWidth - WIDTH_PX - MARGIN_PX))}px`;
    style.maxHeight = `${Math.min(MAX_HEIGHT_PX, isBelow ? below : top - MARGIN_PX)}px`;
    style[isBelow ? 'top' : 'bottom'] = `${isBelow ? bottom : window.innerHeight - top}px`;
  }

  /** the one that is open */
  static open: ChooserPopup | null = null;
}
