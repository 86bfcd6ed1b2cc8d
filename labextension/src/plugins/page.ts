/**
 * One cluster in a tab: what it is made of, who uses it, what happened to it, and what its processes wrote.
 */
import { ILayoutRestorer, JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { ICommandPalette, Notification } from '@jupyterlab/apputils';
import { KernelAPI } from '@jupyterlab/services';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';

import { CLUSTER_COMMANDS, CommandIDs } from '../commands';
import { IClusters } from '../tokens';
import { nameOf } from '../views/words';
import { clusterMenu } from './commands';
import { addClusterTab } from './tabs';

/** What the page's head has a button for, as Databricks' has; everything else is in its menu. */
const HEAD = [CommandIDs.start, CommandIDs.restart, CommandIDs.terminate, CommandIDs.edit];

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
          verbsOf: cluster =>
            CLUSTER_COMMANDS.filter(command => command && HEAD.includes(command.id) && command.fits(cluster)).map(command => ({
              label: command!.label(trans),
              run: () => void commands.execute(command!.id, { cluster_id })
            })),
          onMore: (cluster, x, y) => clusterMenu(app, cluster).open(x, y),
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
