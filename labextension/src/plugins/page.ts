/**
 * The page of one cluster in a tab.
 */
import { ILayoutRestorer, JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { ICommandPalette } from '@jupyterlab/apputils';
import { PathExt } from '@jupyterlab/coreutils';
import { KernelAPI } from '@jupyterlab/services';
import { ITranslator, nullTranslator, TranslationBundle } from '@jupyterlab/translation';
import { editIcon, refreshIcon, runIcon, stopIcon, usersIcon } from '@jupyterlab/ui-components';

import { CLUSTER_COMMANDS, CommandIDs, MONITOR_COMMANDS } from '../model/commands';
import { refusalOf } from '../model/permissions';
import { IClusters } from '../tokens';
import type { PageButton } from '../views/page/page';
import { clusterMenu, menuOf } from './cluster-commands';
import { showError, showWarning } from './notice';
import { addClusterTab } from './tabs';

/** Commands with a button in the page's header, as in Databricks; the others are in its menu. */
const BUTTONS: Partial<Record<string, Pick<PageButton, 'purpose' | 'icon'>>> = {
  [CommandIDs.start]: { purpose: 'primary', icon: runIcon },
  [CommandIDs.restart]: { purpose: 'neutral', icon: refreshIcon },
  [CommandIDs.terminate]: { purpose: 'danger', icon: stopIcon },
  [CommandIDs.edit]: { purpose: 'neutral', icon: editIcon },
  [CommandIDs.share]: { purpose: 'neutral', icon: usersIcon }
};

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
      title: name => name,
      make: async memory => {
        const cluster_id = memory.current.clusterId;
        const { ClusterPageWidget } = await import('../views/page/ClusterPageWidget'); // most pages never show it
        return new ClusterPageWidget(clusters, memory, trans, {
          onOpenSparkUi: () => void commands.execute(CommandIDs.openSparkUi, { cluster_id }),
          buttonsOf: cluster =>
            CLUSTER_COMMANDS.flatMap(command => {
              const look = command && BUTTONS[command.id];
              if (!look || !command.isAllowed(cluster)) {
                return [];
              }
              const run = () => void commands.execute(command.id, { cluster_id });
              return [{ ...look, label: command.label(trans), refusal: refusalOf(cluster, command.id, trans), run }];
            }),
          onMonitor: (cluster, x, y) => {
            const ids = MONITOR_COMMANDS.map(({ id }) => id);
            menuOf(app, cluster, ids).open(x, y);
          },
          onMore: (cluster, x, y) => clusterMenu(app, cluster).open(x, y),
          onOpenNotebook: path => void openNotebook(app, path, trans),
          onInterrupt: id => {
            KernelAPI.interruptKernel(id, app.serviceManager.serverSettings).catch(() =>
              showError(trans.__('The kernel belongs to another server and cannot be interrupted from here.'))
            );
          },
          onDetach: ({ kernel_id, notebook }) => void commands.execute(CommandIDs.detach, { kernel_id, path: notebook })
        });
      }
    });
  }
};

/** Open a notebook; its file may be gone while its kernel still runs. */
async function openNotebook(app: JupyterFrontEnd, path: string, trans: TranslationBundle): Promise<void> {
  const isThere = async () => {
    // Not the file itself: the browser logs a request that fails.
    const folder = await app.serviceManager.contents.get(PathExt.dirname(path));
    return (folder.content as { path: string }[]).some(file => file.path === path);
  };
  if (await isThere().catch(() => false)) {
    await app.commands.execute('docmanager:open', { path });
  } else {
    showWarning(trans.__('%1 was deleted, or was moved by another program.', path));
  }
}
