/**
 * The menu of the cluster picker.
 */
import type { JupyterFrontEnd } from '@jupyterlab/application';
import type { TranslationBundle } from '@jupyterlab/translation';
import { MenuSvg } from '@jupyterlab/ui-components';

import { dotOf, nameOf } from '../model/cluster';
import { CommandIDs } from '../model/commands';
import type { Cluster } from '../model/wire';
import { sizeWords, stateWord } from '../model/words';
import type { IClusters } from '../tokens';
import { disposeWhenClosed } from './cluster-commands';
import type { NotebookCluster } from './notebook-cluster';

/** Terminated clusters in the menu, at most. */
const MAX_TERMINATED = 10;

/** Return a menu with the clusters to attach to, and commands for the attached one. */
export function pickerMenu(
  { commands }: JupyterFrontEnd,
  { clusterId, cluster }: NotebookCluster,
  clusters: IClusters,
  trans: TranslationBundle
): MenuSvg {
  const menu = new MenuSvg({ commands });
  menu.addClass('jp-Dbx-menu');
  const separator = () => menu.addItem({ type: 'separator' });
  const addAttach = (cluster: Cluster) => {
    const note = cluster.state === 'TERMINATED' ? trans.__('start and attach') : stateWord(cluster.state, trans);
    const size = sizeWords(cluster, clusters.catalogue?.nodeTypes ?? [], trans);
    const label = `${nameOf(cluster)} (${note}) · ${size}`;
    const args = { cluster_id: cluster.cluster_id, label, state: dotOf(cluster) };
    menu.addItem({ command: CommandIDs.attach, args });
  };
  const all = (clusters.all ?? []).filter(({ state }) => !['TERMINATING', 'ERROR'].includes(state));
  all.filter(({ state }) => state !== 'TERMINATED').forEach(addAttach);
  separator();
  const terminated = all.filter(({ state }) => state === 'TERMINATED');
  terminated.slice(0, MAX_TERMINATED).forEach(addAttach);
  separator();
  if (clusterId) {
    menu.addItem({ command: CommandIDs.reattach });
    menu.addItem({ command: CommandIDs.detach });
    separator();
  }
  if (cluster) {
    const args = { cluster_id: cluster.cluster_id };
    menu.addItem({ command: CommandIDs.openPage, args });
    if (cluster.spark_ui_url) {
      menu.addItem({ command: CommandIDs.openSparkUi, args });
    }
    if (cluster.state === 'RUNNING') {
      menu.addItem({ command: CommandIDs.restart, args });
    }
    separator();
  }
  menu.addItem({ command: CommandIDs.create, args: { isMenu: true } });
  disposeWhenClosed(menu);
  return menu;
}
