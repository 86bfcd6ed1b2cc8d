/**
 * Notifies of long-running cells that end while the page is hidden.
 */
import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import type { Cell } from '@jupyterlab/cells';
import { NotebookActions, NotebookPanel } from '@jupyterlab/notebook';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';

import { notifyOfLongRun } from './longRuns';

/** The plugin. */
export const longCellsPlugin: JupyterFrontEndPlugin<void> = {
  id: 'jupyter-dbx:long-cells',
  description: 'Notifications about long-running cells that end while the page is hidden.',
  autoStart: true,
  optional: [ITranslator],
  activate: (_: JupyterFrontEnd, translator: ITranslator | null) => {
    const trans = (translator ?? nullTranslator).load('jupyter_dbx');
    const started = new WeakMap<Cell, number>();
    NotebookActions.executionScheduled.connect((_, { cell }) => void started.set(cell, Date.now()));
    NotebookActions.executed.connect((_, { notebook, cell, success }) => {
      const tookMs = Date.now() - (started.get(cell) ?? Date.now());
      const { parent } = notebook;
      const name = parent instanceof NotebookPanel ? parent.title.label : '';
      notifyOfLongRun({ name, tookMs, success }, trans);
    });
  }
};
