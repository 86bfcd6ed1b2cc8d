/**
 * What the page of a cluster and its tabs need.
 */
import type { TranslationBundle } from '@jupyterlab/translation';
import type { LabIcon } from '@jupyterlab/ui-components';

import type { ClusterSource } from '../../model/clusterSource';
import type { Cluster, Seat } from '../../model/wire';
import type { Purpose } from '../ui/Button';

/** A button of the page's header. */
export interface PageButton {
  label: string;
  purpose: Purpose;
  icon: LabIcon;
  /** why this user may not run it; "" = the user may */
  refusal: string;
  run(): void;
}

/** What a click on the page does. */
export interface PageActions {
  onOpenSparkUi(): void;
  /** Return the buttons of the header that the cluster's state allows. */
  buttonsOf(cluster: Cluster): PageButton[];
  onMonitor(cluster: Cluster, x: number, y: number): void;
  onMore(cluster: Cluster, x: number, y: number): void;
  onOpenNotebook(path: string): void;
  onInterrupt(kernelId: string): void;
  onDetach(notebook: Seat): void;
}

/** Props of the page and of its tabs. */
export interface TabProps {
  model: ClusterSource;
  clusterId: string;
  cluster: Cluster;
  trans: TranslationBundle;
  actions: PageActions;
}
