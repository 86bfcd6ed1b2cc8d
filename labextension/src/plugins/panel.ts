/**
 * The side panel with all clusters.
 */
import { ILayoutRestorer, JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { ICommandPalette } from '@jupyterlab/apputils';
import { ITranslator, nullTranslator, TranslationBundle } from '@jupyterlab/translation';
import { addIcon, LabIcon, refreshIcon, Toolbar, ToolbarButton } from '@jupyterlab/ui-components';
import { Panel, Widget } from '@lumino/widgets';

import { clustersIcon } from '../icons';
import { CommandIDs } from '../model/commands';
import { IClusters } from '../tokens';
import { ClusterListWidget } from '../views/list/ClusterListWidget';
import type { RowAction } from '../views/list/row';
import { clusterMenu } from './cluster-commands';

const COMMAND_OF: Record<RowAction, string> = {
  start: CommandIDs.start,
  terminate: CommandIDs.terminate,
  extend: CommandIDs.extend,
  'open-page': CommandIDs.openPage
};

/** The plugin. */
export const panelPlugin: JupyterFrontEndPlugin<void> = {
  id: 'jupyter-dbx:panel',
  description: 'The side panel with all clusters.',
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
    const panel = new Panel();
    panel.id = 'jp-dbx-clusters';
    panel.addClass('jp-Dbx-side');
    panel.title.icon = clustersIcon;
    panel.title.caption = trans.__('Spark Clusters');
    panel.addWidget(toolbarOf(app, trans));
    panel.addWidget(listOf(app, clusters, trans));
    app.shell.add(panel, 'left', { rank: 250, type: 'Spark Clusters' });
    restorer?.add(panel, panel.id);
    app.commands.addCommand(CommandIDs.show, {
      label: args => (args.isPalette ? trans.__('Show Clusters') : trans.__('Spark Clusters')),
      icon: clustersIcon,
      execute: () => app.shell.activateById(panel.id)
    });
    for (const command of [CommandIDs.show, CommandIDs.refresh]) {
      palette?.addItem({ command, category: trans.__('Spark Clusters'), args: { isPalette: true } });
    }
  }
};

function listOf(app: JupyterFrontEnd, clusters: IClusters, trans: TranslationBundle): ClusterListWidget {
  const { commands } = app;
  const pendingWords: Partial<Record<RowAction, string>> = {
    start: trans.__('Starting'),
    terminate: trans.__('Terminating'),
    extend: trans.__('Extending')
  };
  return new ClusterListWidget(clusters, trans, {
    pendingWord: action => pendingWords[action] ?? '',
    onAction: (action, { cluster_id }) =>
      commands.execute(COMMAND_OF[action], { cluster_id, quiet: true }) as Promise<void>,
    onResize: ({ cluster_id }, num_workers) =>
      commands.execute(CommandIDs.resize, { cluster_id, num_workers, quiet: true }) as Promise<void>,
    resizingWord: trans.__('Resizing'),
    onMenu: ({ cluster_id }, x, y) => {
      const cluster = clusters.find(cluster_id); // the row may be older than the cluster's state
      if (cluster) {
        clusterMenu(app, cluster).open(x, y);
      }
    },
    onCreate: () => void commands.execute(CommandIDs.create)
  });
}

function toolbarOf({ commands }: JupyterFrontEnd, trans: TranslationBundle): Toolbar {
  const toolbar = new Toolbar();
  const title = new Widget({ node: document.createElement('h2') });
  title.addClass('jp-Dbx-title');
  title.node.textContent = trans.__('Clusters');
  toolbar.addItem('title', title);
  toolbar.addItem('spacer', Toolbar.createSpacerItem());
  const addButton = (name: string, icon: LabIcon, tooltip: string, command: string) =>
    toolbar.addItem(name, new ToolbarButton({ icon, tooltip, onClick: () => void commands.execute(command) }));
  addButton('create', addIcon, trans.__('Create Cluster'), CommandIDs.create);
  addButton('refresh', refreshIcon, trans.__('Refresh'), CommandIDs.refresh);
  return toolbar;
}
