/**
 * Spark's own pages in a tab.
 */
import { ILayoutRestorer, JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { ICommandPalette, MainAreaWidget, WidgetTracker } from '@jupyterlab/apputils';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';
import { IFrame } from '@jupyterlab/ui-components';

import { CommandIDs } from '../commands';
import { clustersIcon } from '../icons';
import { IClusters } from '../tokens';
import { nameOf } from '../views/words';
import { addClusterCommand } from './commands';

const PREFIX = 'jp-dbx-spark-ui-';

/** The plugin. */
export const sparkUiPlugin: JupyterFrontEndPlugin<void> = {
  id: 'jupyter-dbx:spark-ui',
  description: 'The Spark UI of a cluster in a tab.',
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
    const tracker = new WidgetTracker<MainAreaWidget<IFrame>>({ namespace: 'jupyter-dbx-spark-ui' });
    addClusterCommand({ app, clusters, palette, trans }, CommandIDs.openSparkUi, async cluster => {
      const id = PREFIX + cluster.cluster_id;
      let tab = tracker.find(widget => widget.id === id);
      if (!tab) {
        const content = new IFrame({
          sandbox: ['allow-scripts', 'allow-same-origin', 'allow-forms', 'allow-popups', 'allow-downloads']
        });
        content.url = clusters.sparkUiUrl(cluster.cluster_id);
        tab = new MainAreaWidget({ content });
        tab.id = id;
        tab.title.label = trans.__('Spark UI: %1', nameOf(cluster));
        tab.title.icon = clustersIcon;
        tab.title.closable = true;
        await tracker.add(tab);
        app.shell.add(tab, 'main', { mode: 'split-right', activate: false });
      }
      app.shell.activateById(id);
    });
    void restorer?.restore(tracker, {
      command: CommandIDs.openSparkUi,
      args: widget => ({ cluster_id: widget.id.slice(PREFIX.length) }),
      name: widget => widget.id,
      when: clusters.ready
    });
  }
};
