/**
 * A pane of one cluster as a widget.
 */
import type { TranslationBundle } from '@jupyterlab/translation';
import { ReactWidget } from '@jupyterlab/ui-components';
import * as React from 'react';

import type { ClusterSource } from '../../model/clusterSource';
import type { Remembered } from '../../model/remembered';
import { MissingCluster } from '../page/MissingCluster';
import type { PaneProps } from './pane';
import { Stages } from './Stages';
import { Tasks } from './Tasks';
import { Usage } from './Usage';

/** What a pane shows. */
const CONTENTS = { tasks: Tasks, usage: Usage, stages: Stages } as const satisfies Record<
  string,
  (props: PaneProps) => JSX.Element
>;

/** A kind of pane. */
export type PaneKind = keyof typeof CONTENTS;

/** The pane. */
export class ClusterPaneWidget extends ReactWidget {
  constructor(
    private readonly kind: PaneKind,
    private readonly model: ClusterSource,
    private readonly memory: { readonly current: Remembered },
    private readonly trans: TranslationBundle,
    private readonly onOpenSparkUi: (path: string) => void
  ) {
    super();
    this.addClass('jp-Dbx-pane');
    model.changed.connect(this.update, this);
  }

  dispose(): void {
    this.model.changed.disconnect(this.update, this);
    super.dispose();
  }

  protected onAfterShow(): void {
    this.update();
  }

  protected onAfterHide(): void {
    this.update();
  }

  protected render(): JSX.Element {
    const { model, trans, onOpenSparkUi } = this;
    const cluster = model.find(this.memory.current.clusterId);
    const Content = CONTENTS[this.kind];
    return cluster ? (
      <Content model={model} cluster={cluster} isShown={this.isVisible} trans={trans} onOpenSparkUi={onOpenSparkUi} />
    ) : (
      <MissingCluster model={model} remembered={this.memory.current} trans={trans} />
    );
  }
}
