/**
 * Highlights each cell in the language that its first line names: `%sql`, `%md`, `%sh`, `%scala`, `%r`.
 */
import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import type { Cell } from '@jupyterlab/cells';
import { INotebookTracker, Notebook, NotebookPanel } from '@jupyterlab/notebook';

import { mimeTypeOf } from '../views/languages';

/** The plugin. */
export const languagesPlugin: JupyterFrontEndPlugin<void> = {
  id: 'jupyter-dbx:languages',
  description: 'Highlighting of cells that are no Python.',
  autoStart: true,
  requires: [INotebookTracker],
  activate: (_: JupyterFrontEnd, notebooks: INotebookTracker) => {
    const follow = (panel: NotebookPanel) => {
      const { content } = panel;
      const known = new WeakSet<Cell>();
      const look = () =>
        content.widgets.forEach(cell => {
          if (cell.model.type === 'code' && !known.has(cell)) {
            known.add(cell);
            cell.model.contentChanged.connect(() => highlight(content, cell));
          }
          highlight(content, cell);
        });
      content.modelContentChanged.connect(look);
      // The kernel tells its language when it is up, and every cell is then set to it.
      void panel.sessionContext.ready.then(() => requestAnimationFrame(look));
      void panel.revealed.then(look);
    };
    notebooks.forEach(follow);
    notebooks.widgetAdded.connect((_, panel) => follow(panel));
  }
};

function highlight(content: Notebook, cell: Cell): void {
  if (!cell.isDisposed && cell.model.type === 'code') {
    const wanted = mimeTypeOf(cell.model.sharedModel.getSource()) ?? content.codeMimetype;
    if (cell.model.mimeType !== wanted) {
      cell.model.mimeType = wanted;
    }
  }
}
