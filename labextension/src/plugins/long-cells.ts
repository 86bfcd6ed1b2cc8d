/**
 * Tells when a cell has ended that ran for long while nobody looked at the page.
 */
import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { Notification } from '@jupyterlab/apputils';
import type { Cell } from '@jupyterlab/cells';
import { NotebookActions, NotebookPanel } from '@jupyterlab/notebook';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';

import { durationWords } from '../views/words';

/** How long a cell must have run to be told of, ms. */
const LONG_MS = 60_000;

/** The plugin. */
export const longCellsPlugin: JupyterFrontEndPlugin<void> = {
  id: 'jupyter-dbx:long-cells',
  description: 'Notifications about cells that ran for long while the page was hidden.',
  autoStart: true,
  optional: [ITranslator],
  activate: (_: JupyterFrontEnd, translator: ITranslator | null) => {
    const trans = (translator ?? nullTranslator).load('jupyter_dbx');
    const begun = new WeakMap<Cell, number>();
    NotebookActions.executionScheduled.connect((_, { cell }) => void begun.set(cell, Date.now()));
    NotebookActions.executed.connect((_, { notebook, cell, success }) => {
      const tookMs = Date.now() - (begun.get(cell) ?? Date.now());
      if (tookMs < LONG_MS || !document.hidden) {
        return;
      }
      const { parent } = notebook;
      const name = parent instanceof NotebookPanel ? parent.title.label : '';
      const words = success
        ? trans.__('A cell of %1 has ended after %2.', name, durationWords(tookMs / 1000, trans))
        : trans.__('A cell of %1 has failed after %2.', name, durationWords(tookMs / 1000, trans));
      const show = success ? Notification.success : Notification.error;
      show(words, { autoClose: false });
      // Of the desktop, if the user lets pages of this server do so.
      if (window.Notification?.permission === 'granted') {
        new window.Notification(words);
      }
    });
  }
};
