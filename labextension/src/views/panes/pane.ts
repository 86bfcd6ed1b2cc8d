/**
 * What the panes of a cluster need.
 */
import type { TranslationBundle } from '@jupyterlab/translation';

import type { ClusterSource } from '../../model/clusterSource';
import type { Cluster } from '../../model/wire';

/** Props of a pane. */
export interface PaneProps {
  model: ClusterSource;
  cluster: Cluster;
  /** false = it is hidden, and must not request anything */
  isShown: boolean;
  trans: TranslationBundle;
  /** Show a page of the Spark UI. */
  onOpenSparkUi(path: string): void;
}
