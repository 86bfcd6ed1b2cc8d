/**
 * The actions below the clusters of a notebook's picker.
 */
import type { JupyterFrontEnd } from '@jupyterlab/application';

import { clustersIcon } from '../icons';
import { CommandIDs } from '../model/commands';
import type { ChooserAction } from '../views/picker/Chooser';
import type { NotebookCluster } from './notebook-cluster';

/** Return the actions for the cluster that a notebook is attached to, and the one that creates a cluster. */
export function pickerActions({ commands }: JupyterFrontEnd, { clusterId, cluster }: NotebookCluster): ChooserAction[] {
  const actions: ChooserAction[] = [];
  const add = (id: string, args = {}, icon?: ChooserAction['icon']) =>
    actions.push({ label: commands.label(id, args), icon, run: () => void commands.execute(id, args) });
  if (clusterId) {
    add(CommandIDs.detach);
    add(CommandIDs.reattach);
  }
  if (cluster) {
    const args = { cluster_id: cluster.cluster_id };
    add(CommandIDs.openPage, args);
    if (cluster.spark_ui_url) {
      add(CommandIDs.openSparkUi, args);
    }
    if (cluster.state === 'RUNNING') {
      add(CommandIDs.restart, args);
    }
  }
  add(CommandIDs.create, { isMenu: true }, clustersIcon);
  return actions;
}
