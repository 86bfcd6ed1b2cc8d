/**
 * The Spark UI of one cluster as a widget, with a page that commands can change.
 */
import type { TranslationBundle } from '@jupyterlab/translation';
import { ReactWidget } from '@jupyterlab/ui-components';
import * as React from 'react';

import type { ClusterSource } from '../../model/clusterSource';
import type { Remembered } from '../../model/remembered';
import { MissingCluster } from './MissingCluster';
import { SparkUiFrame } from './SparkUi';

/** The widget. */
export class SparkUiWidget extends ReactWidget {
  constructor(
    private readonly model: ClusterSource,
    private readonly memory: { readonly current: Remembered },
    private readonly trans: TranslationBundle
  ) {
    super();
    this.addClass('jp-Dbx-sparkUiTab');
    model.changed.connect(this.update, this);
  }

  dispose(): void {
    this.model.changed.disconnect(this.update, this);
    super.dispose();
  }

  /** Show a page of the UI, by its path; "" = keep the current one. */
  open(path: string): void {
    if (path) {
      this.path = path;
      this.visit += 1;
    }
    this.update();
  }

  protected render(): JSX.Element {
    const { model, trans } = this;
    const { clusterId } = this.memory.current;
    const cluster = model.find(clusterId);
    return cluster ? (
      <SparkUiFrame
        key={this.visit}
        cluster={cluster}
        root={model.sparkUiUrl(clusterId)}
        path={this.path}
        trans={trans}
      />
    ) : (
      <MissingCluster model={model} remembered={this.memory.current} trans={trans} />
    );
  }

  private path = '';
  /** number of requests for a page: each loads it again, because the user may have left it by a link */
  private visit = 0;
}
