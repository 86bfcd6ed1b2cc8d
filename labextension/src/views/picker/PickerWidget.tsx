/**
 * The toolbar's button with a notebook's cluster.
 */
import type { TranslationBundle } from '@jupyterlab/translation';
import { ReactWidget } from '@jupyterlab/ui-components';
import * as React from 'react';

import { dotOf, nameOf } from '../../model/cluster';
import type { Cluster } from '../../model/wire';
import { stateWord } from '../../model/words';
import { PickButton } from './PickButton';

/** What the button shows. */
export interface PickerState {
  /** false = the notebook has another kernel */
  isShown: boolean;
  /** null = not attached */
  cluster: Cluster | null;
  /** true = the attached cluster was deleted, or is no longer shared with the user */
  isGone: boolean;
  /** text of the request that is running; "" = none */
  pending: string;
}

/** The button. */
export class PickerWidget extends ReactWidget {
  constructor(
    private readonly trans: TranslationBundle,
    private readonly onClick: (button: HTMLElement) => void
  ) {
    super();
    this.addClass('jp-Dbx-picker');
    this.hide();
  }

  set state(state: PickerState) {
    this._state = state;
    this.setHidden(!state.isShown);
    this.update();
  }

  protected render(): JSX.Element {
    const { trans } = this;
    const { cluster, isGone, pending } = this._state;
    const missing = isGone ? trans.__('Cluster unavailable') : trans.__('No cluster');
    const label = pending || (cluster ? nameOf(cluster) : missing);
    const state = cluster ? stateWord(cluster.state, trans) : '';
    const hint = isGone
      ? trans.__('This notebook’s cluster was deleted, or is no longer shared with you. Select or create another one.')
      : trans.__('Select a Spark cluster for this notebook');
    return (
      <PickButton
        health={cluster ? dotOf(cluster) : isGone ? 'failed' : 'down'}
        text={label}
        label={trans.__('Spark cluster: %1', state ? `${label}, ${state}` : label)}
        title={state ? `${label}: ${state}` : hint}
        onClick={this.onClick}
      />
    );
  }

  private _state: PickerState = { isShown: false, cluster: null, isGone: false, pending: '' };
}
