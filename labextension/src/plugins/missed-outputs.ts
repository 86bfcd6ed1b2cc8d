/**
 * Shows the outputs of cells that ran while the page was loaded.
 */
import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { INotebookTracker, NotebookPanel } from '@jupyterlab/notebook';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';

import { notifyOfLongRun } from './longRuns';
import { MissedOutputs } from '../services/missedOutputs';

/** The plugin. */
export const missedOutputsPlugin: JupyterFrontEndPlugin<void> = {
  id: 'jupyter-dbx:missed-outputs',
  description: 'The outputs of cells that ran while the page was loaded.',
  autoStart: true,
  requires: [INotebookTracker],
  optional: [ITranslator],
  activate: (_: JupyterFrontEnd, notebooks: INotebookTracker, translator: ITranslator | null) => {
    const trans = (translator ?? nullTranslator).load('jupyter_dbx');
    const follow = (panel: NotebookPanel) =>
      void new MissedOutputs(panel, end => notifyOfLongRun({ ...end, name: panel.title.label }, trans));
    notebooks.forEach(follow);
    notebooks.widgetAdded.connect((_, panel) => follow(panel));
  }
};
