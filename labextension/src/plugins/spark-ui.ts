/**
 * The Spark UI of a cluster in a tab.
 */
import { ILayoutRestorer, JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { ICommandPalette } from '@jupyterlab/apputils';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';

import { CommandIDs } from '../model/commands';
import { IClusters } from '../tokens';
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
      title: name => trans.__('Spark UI: %1', name),
      // Beside the notebook, whose jobs it shows.
      options: () => ({ mode: 'split-right' }),
      make: async memory => {
        const { SparkUiWidget } = await import('../views/page/SparkUiWidget'); // most pages never show it
        return new SparkUiWidget(clusters, memory, trans);
      },
      show: (content, { path }) => content.open(typeof path === 'string' ? path : '')
    });
  }
};
