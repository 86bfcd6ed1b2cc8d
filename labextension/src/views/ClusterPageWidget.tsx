/**
 * The page of one cluster as a widget.
 */
import type { TranslationBundle } from '@jupyterlab/translation';
import { ReactWidget } from '@jupyterlab/ui-components';
import type { IDisposable } from '@lumino/disposable';
import * as React from 'react';

import { ClusterPage } from './ClusterPage';
import type { PageActions, PageModel } from './page';

/** The page. */
export class ClusterPageWidget extends ReactWidget {
  constructor(
    private readonly model: PageModel,
    private readonly clusterId: string,
    private readonly trans: TranslationBundle,
    private readonly actions: PageActions
  ) {
    super();
    this.addClass('jp-Dbx-pageTab');
    this.watching = model.watch();
    model.changed.connect(this.update, this);
  }

  dispose(): void {
    this.model.changed.disconnect(this.update, this);
    this.watching.dispose();
    super.dispose();
  }

  protected render(): JSX.Element {
    return (
      <ClusterPage
        model={this.model}
        clusterId={this.clusterId}
        cluster={this.model.find(this.clusterId)}
        trans={this.trans}
        actions={this.actions}
      />
    );
  }

  private readonly watching: IDisposable;
}
