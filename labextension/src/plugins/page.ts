/**
 * One cluster in a tab: what it is made of, who uses it, what happened to it, and what its processes wrote.
 */
import { ILayoutRestorer, JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { ICommandPalette, MainAreaWidget, WidgetTracker } from '@jupyterlab/apputils';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';

import { CommandIDs } from '../commands';
import { clustersIcon } from '../icons';
import { IClusters } from '../tokens';
import { nameOf } from '../views/words';
import { addClusterCommand } from './commands';

const PREFIX = 'jp-dbx-cluster-';

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
    const tracker = new WidgetTracker<MainAreaWidget>({ namespace: 'jupyter-dbx-cluster' });
    addClusterCommand({ app, clusters, palette, trans }, CommandIDs.openPage, async cluster => {
      const id = PREFIX + cluster.cluster_id;
      if (!tracker.find(widget => widget.id === id)) {
        const { ClusterPageWidget } = await import('../views/ClusterPageWidget');
        const content = new ClusterPageWidget(clusters, cluster.cluster_id, trans, {
          onOpenSparkUi: () => void app.commands.execute(CommandIDs.openSparkUi, { cluster_id: cluster.cluster_id }),
          onEdit: () => void app.commands.execute(CommandIDs.edit, { cluster_id: cluster.cluster_id }),
          onOpenNotebook: path => void app.commands.execute('docmanager:open', { path })
        });
        const tab = new MainAreaWidget({ content });
        tab.id = id;
        tab.title.label = nameOf(cluster);
        tab.title.icon = clustersIcon;
        tab.title.closable = true;
        await tracker.add(tab);
        app.shell.add(tab, 'main');
      }
      app.shell.activateById(id);
    });
    void restorer?.restore(tracker, {
      command: CommandIDs.openPage,
      args: widget => ({ cluster_id: widget.id.slice(PREFIX.length) }),
      name: widget => widget.id,
      when: clusters.ready
    });
  }
};
