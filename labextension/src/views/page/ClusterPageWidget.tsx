/**
 * The page of one cluster as a widget.
 */
import type { TranslationBundle } from '@jupyterlab/translation';
import { ReactWidget } from '@jupyterlab/ui-components';
import type { IDisposable } from '@lumino/disposable';
import * as React from 'react';

import type { ClusterSource } from '../../model/clusterSource';
import type { Remembered } from '../../model/remembered';
import { ClusterPage } from './ClusterPage';
import { MissingCluster } from './MissingCluster';
import type { PageActions } from './page';

/** The page. */
export class ClusterPageWidget extends ReactWidget {
  constructor(
    private readonly model: ClusterSource,
    private readonly memory: { readonly current: Remembered },
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
    const { clusterId } = this.memory.current;
    const cluster = this.model.find(clusterId);
    if (!cluster) {
      return <MissingCluster model={this.model} remembered={this.memory.current} trans={this.trans} />;
    }
    return (
      <ClusterPage
        model={this.model}
        clusterId={clusterId}
        cluster={cluster}
        trans={this.trans}
        actions={this.actions}
      />
    );
  }

  private readonly watching: IDisposable;
}
