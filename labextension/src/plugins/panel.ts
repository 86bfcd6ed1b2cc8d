/**
 * The side panel with every cluster.
 */
import { ILayoutRestorer, JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { ICommandPalette } from '@jupyterlab/apputils';
import { ITranslator, nullTranslator, TranslationBundle } from '@jupyterlab/translation';
import { addIcon, refreshIcon, Toolbar, ToolbarButton } from '@jupyterlab/ui-components';
import { Panel, Widget } from '@lumino/widgets';

import { CommandIDs } from '../commands';
import { clustersIcon } from '../icons';
import { IClusters } from '../tokens';
import type { RowVerb } from '../views/ClusterRow';
import { ClusterListWidget } from '../views/ClusterListWidget';
import { clusterMenu } from './commands';

const COMMAND_OF: Record<RowVerb, string> = {
  start: CommandIDs.start,
  terminate: CommandIDs.terminate,
  extend: CommandIDs.extend,
  'open-spark-ui': CommandIDs.openSparkUi,
  'open-page': CommandIDs.openPage
};

/** The plugin. */
export const panelPlugin: JupyterFrontEndPlugin<void> = {
  id: 'jupyter-dbx:panel',
  description: 'The side panel with every cluster.',
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
    const { commands, shell } = app;
    const list = new ClusterListWidget(clusters, trans, {
      doing: verb => doingWords(verb, trans),
      onVerb: (verb, cluster) =>
        commands.execute(COMMAND_OF[verb], { cluster_id: cluster.cluster_id, quiet: true }) as Promise<void>,
      onMenu: ({ cluster_id }, x, y) => {
        const cluster = clusters.find(cluster_id); // as it is now
        if (cluster) {
          clusterMenu(app, cluster).open(x, y);
        }
      },
      onCreate: () => void commands.execute(CommandIDs.create)
    });
    const panel = new Panel();
    const toolbar = new Toolbar();
    panel.id = 'jp-dbx-clusters';
    panel.addClass('jp-Dbx-side');
    panel.title.icon = clustersIcon;
    panel.title.caption = trans.__('Spark Clusters');
    toolbar.addItem('title', titleOf(trans));
    toolbar.addItem('spacer', Toolbar.createSpacerItem());
    toolbar.addItem(
      'create',
      new ToolbarButton({
        icon: addIcon,
        tooltip: trans.__('New Cluster'),
        onClick: () => void commands.execute(CommandIDs.create)
      })
    );
    toolbar.addItem(
      'refresh',
      new ToolbarButton({
        icon: refreshIcon,
        tooltip: trans.__('Refresh'),
        onClick: () => void commands.execute(CommandIDs.refresh)
      })
    );
    panel.addWidget(toolbar);
    panel.addWidget(list);
    shell.add(panel, 'left', { rank: 250, type: 'Spark Clusters' });
    restorer?.add(panel, panel.id);
    commands.addCommand(CommandIDs.show, {
      label: args => (args.isPalette ? trans.__('Show Clusters') : trans.__('Spark Clusters')),
      icon: clustersIcon,
      execute: () => shell.activateById(panel.id)
    });
    for (const command of [CommandIDs.show, CommandIDs.refresh]) {
      palette?.addItem({ command, category: trans.__('Spark Clusters'), args: { isPalette: true } });
    }
  }
};

function doingWords(verb: RowVerb, trans: TranslationBundle): string {
  const words: Partial<Record<RowVerb, string>> = {
    start: trans.__('Starting'),
    terminate: trans.__('Terminating'),
    extend: trans.__('Extending')
  };
  return words[verb] ?? '';
}

function titleOf(trans: TranslationBundle): Widget {
  const title = new Widget({ node: document.createElement('h2') });
  title.addClass('jp-Dbx-title');
  title.node.textContent = trans.__('Clusters');
  return title;
}
