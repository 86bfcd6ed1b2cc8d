/**
 * The toolbar's button that says which cluster a notebook uses.
 */
import type { TranslationBundle } from '@jupyterlab/translation';
import { caretDownEmptyIcon, ReactWidget } from '@jupyterlab/ui-components';
import * as React from 'react';

import type { Cluster } from '../services/wire';
import { dotOf, nameOf, stateWord } from './words';

/** What the button shows. */
export interface PickerState {
  /** false = the notebook's kernel is none of ours */
  shown: boolean;
  /** null = none is attached */
  cluster: Cluster | null;
  /** true = one was attached that is not there any more */
  gone: boolean;
  /** what is being asked for, or "" */
  doing: string;
}

/** The button. */
export class Picker extends ReactWidget {
  constructor(
    private readonly trans: TranslationBundle,
    private readonly onClick: (x: number, y: number) => void
  ) {
    super();
    this.addClass('jp-Dbx-picker');
    this.hide();
  }

  /** Show something else. */
  set state(state: PickerState) {
    this._state = state;
    this.setHidden(!state.shown);
    this.update();
  }

  protected render(): JSX.Element {
    const { trans } = this;
    const { cluster, gone, doing } = this._state;
    const label = doing || (cluster ? nameOf(cluster) : gone ? trans.__('Cluster was deleted') : trans.__('No cluster'));
    const state = cluster ? stateWord(cluster.state, trans) : '';
    const goneWords = trans.__('The cluster of this notebook was deleted: choose or create another one');
    const dot = cluster ? dotOf(cluster) : gone ? 'failed' : 'down';
    return (
      <button
        className="jp-Dbx-pick"
        aria-haspopup="menu"
        aria-label={trans.__('Spark cluster: %1', state ? `${label}, ${state}` : label)}
        title={state ? `${label}: ${state}` : gone ? goneWords : trans.__('Choose a Spark cluster for this notebook')}
        onClick={event => {
          const { left, bottom } = event.currentTarget.getBoundingClientRect();
          this.onClick(left, bottom);
        }}
      >
        <span className={`jp-Dbx-dot jp-mod-${dot}`} aria-hidden="true" />
        <span className="jp-Dbx-pickName">{label}</span>
        <caretDownEmptyIcon.react tag="span" stylesheet="toolbarButton" />
      </button>
    );
  }

  private _state: PickerState = { shown: false, cluster: null, gone: false, doing: '' };
}
