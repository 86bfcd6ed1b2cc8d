/**
 * Highlights each cell in the language that its first line names: `%sql`, `%md`, `%sh`, `%scala`, `%r`.
 */
import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import type { Cell } from '@jupyterlab/cells';
import { INotebookTracker, Notebook, NotebookPanel } from '@jupyterlab/notebook';

import { isMarkdown, mimeTypeOf } from '../model/languages';

/** The plugin. */
export const languagesPlugin: JupyterFrontEndPlugin<void> = {
  id: 'jupyter-dbx:languages',
  description: 'Highlighting of cells in other languages than Python.',
  autoStart: true,
  requires: [INotebookTracker],
  activate: (_: JupyterFrontEnd, notebooks: INotebookTracker) => {
    const attach = (panel: NotebookPanel) => {
      const { content } = panel;
      const known = new WeakSet<Cell>();
      const update = () =>
        content.widgets.forEach(cell => {
          if (cell.model.type === 'code' && !known.has(cell)) {
            known.add(cell);
            cell.model.contentChanged.connect(() => highlight(content, cell));
          }
          highlight(content, cell);
        });
      content.modelContentChanged.connect(update);
      // JupyterLab sets every cell to the kernel's language once the kernel is ready.
      void panel.sessionContext.ready.then(() => requestAnimationFrame(update));
      void panel.revealed.then(update);
    };
    notebooks.forEach(attach);
    notebooks.widgetAdded.connect((_, panel) => attach(panel));
  }
};

function highlight(content: Notebook, cell: Cell): void {
  if (!cell.isDisposed && cell.model.type === 'code') {
    const source = cell.model.sharedModel.getSource();
    cell.toggleClass('jp-Dbx-markdown', isMarkdown(source));
    const wanted = mimeTypeOf(source) ?? content.codeMimetype;
    if (cell.model.mimeType !== wanted) {
      cell.model.mimeType = wanted;
    }
  }
}
