/**
 * Spark's own pages in a tab.
 */
import { ILayoutRestorer, JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { ICommandPalette } from '@jupyterlab/apputils';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';
import { IFrame } from '@jupyterlab/ui-components';

import { CommandIDs } from '../commands';
import { IClusters } from '../tokens';
import { SANDBOX } from '../views/SparkUi';
import { nameOf } from '../views/words';
import { addClusterTab } from './tabs';

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
    addClusterTab({ app, clusters, palette, trans }, restorer, {
      name: 'spark-ui',
      command: CommandIDs.openSparkUi,
      title: cluster => trans.__('Spark UI: %1', nameOf(cluster)),
      // Beside the notebook whose jobs it shows.
      options: { mode: 'split-right' },
      make: async () =>
        new IFrame({ sandbox: [...SANDBOX] }),
      show: (content, cluster, { path }) => {
        const home = clusters.sparkUiUrl(cluster.cluster_id);
        if (path || !content.url) {
          content.url = path ? `${home}${path}` : home;
        }
      }
    });
  }
};
