/**
 * One cluster in a tab: what it is made of, who uses it, what happened to it, and what its processes wrote.
 */
import { ILayoutRestorer, JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { ICommandPalette, Notification } from '@jupyterlab/apputils';
import { KernelAPI } from '@jupyterlab/services';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';

import { CommandIDs } from '../commands';
import { IClusters } from '../tokens';
import { nameOf } from '../views/words';
import { addClusterTab } from './tabs';

/** The plugin. */
export const pagePlugin: JupyterFrontEndPlugin<void> = {
  id: 'jupyter-dbx:page',
  description: 'One cluster in a tab.',
  autoStart: true,
  requires: [IClusters],
  optional: [ICommandPalette, ILayoutRestorer, ITranslator],
  activate: (
    app: JupyterFrontEnd,
    clusters: IClusters,
    palette: ICommandPalette | null,
    restorer: ILayoutRestorer | null,
    translator: ITranslator | null
  ) => {
    const trans = (translator ?? nullTranslator).load('jupyter_dbx');
    const { commands } = app;
    addClusterTab({ app, clusters, palette, trans }, restorer, {
      name: 'cluster',
      command: CommandIDs.openPage,
      title: nameOf,
      make: async ({ cluster_id }) => {
        const { ClusterPageWidget } = await import('../views/ClusterPageWidget'); // most pages never show it
        return new ClusterPageWidget(clusters, cluster_id, trans, {
          onOpenSparkUi: () => void commands.execute(CommandIDs.openSparkUi, { cluster_id }),
          onEdit: () => void commands.execute(CommandIDs.edit, { cluster_id }),
          onOpenNotebook: path => void commands.execute('docmanager:open', { path }),
          onInterrupt: id =>
            KernelAPI.interruptKernel(id, app.serviceManager.serverSettings).catch(() =>
              Notification.error(trans.__('Its kernel cannot be interrupted from here: another server started it.'))
            ),
          onDetach: kernel_id => void commands.execute(CommandIDs.detach, { kernel_id })
        });
      }
    });
  }
};
