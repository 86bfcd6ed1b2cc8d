/**
 * The list of variables as a widget, which requests them whenever it becomes visible.
 */
import type { TranslationBundle } from '@jupyterlab/translation';
import { ReactWidget } from '@jupyterlab/ui-components';
import { ISignal, Signal } from '@lumino/signaling';
import * as React from 'react';

import type { Variables as Found } from '../../model/variables';
import { Variables } from './Variables';

/** What the widget shows. */
export interface VariablesState {
  /** null = not yet loaded */
  found: Found | null;
  /** error of the latest request; "" = it succeeded */
  problem: string;
  /** shown in place of the list; "" = there may be variables */
  reason: string;
}

/** The list. */
export class VariablesWidget extends ReactWidget {
  constructor(private readonly trans: TranslationBundle) {
    super();
    this.addClass('jp-Dbx-side');
    this.addClass('jp-Dbx-clusters');
  }

  /** Emitted when the list becomes visible. */
  get shown(): ISignal<this, void> {
    return this._shown;
  }

  get state(): VariablesState {
    return this._state;
  }

  set state(state: VariablesState) {
    this._state = state;
    this.update();
  }

  protected onAfterShow(): void {
    this._shown.emit();
  }

  protected render(): JSX.Element {
    return <Variables {...this._state} trans={this.trans} />;
  }

  private readonly _shown = new Signal<this, void>(this);
  private _state: VariablesState = { found: null, problem: '', reason: '' };
}
