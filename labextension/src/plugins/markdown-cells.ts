/**
 * Hides the source of `%md` cells once they are rendered; Enter or a double click shows it again.
 */
import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { Cell, CodeCell } from '@jupyterlab/cells';
import { INotebookTracker, NotebookActions, NotebookPanel } from '@jupyterlab/notebook';

import { isMarkdown } from '../model/languages';
import { OUR_KERNEL } from '../services/kernels';

/** The plugin. */
export const markdownCellsPlugin: JupyterFrontEndPlugin<void> = {
  id: 'jupyter-dbx:markdown-cells',
  description: 'Cells in Markdown show their text in place of their source.',
  autoStart: true,
  requires: [INotebookTracker],
  activate: (_: JupyterFrontEnd, notebooks: INotebookTracker) => {
    NotebookActions.executed.connect((_, { notebook, cell, success }) => {
      const { parent } = notebook;
      const kernel = parent instanceof NotebookPanel ? parent.sessionContext.session?.kernel?.name : '';
      if (success && kernel === OUR_KERNEL && isOfMarkdown(cell)) {
        setHidden(cell, true);
      }
    });
    const attach = ({ content }: NotebookPanel) => {
      content.stateChanged.connect((_, { name, newValue }) => {
        const cell = content.activeCell;
        if (name === 'mode' && newValue === 'edit' && cell?.inputHidden && isOfMarkdown(cell)) {
          setHidden(cell, false);
          content.mode = 'edit'; // the editor had no focus while it was hidden
        }
      });
      content.node.addEventListener('dblclick', event => {
        const cell = content.activeCell;
        if (cell?.inputHidden && isOfMarkdown(cell) && cell.outputArea.node.contains(event.target as Node)) {
          content.mode = 'edit';
        }
      });
    };
    notebooks.forEach(attach);
    notebooks.widgetAdded.connect((_, panel) => attach(panel));
  }
};

function isOfMarkdown(cell: Cell): cell is CodeCell {
  return cell instanceof CodeCell && isMarkdown(cell.model.sharedModel.getSource());
}

/** Hide or show a cell's source, also in the saved notebook. */
function setHidden(cell: CodeCell, isHidden: boolean): void {
  cell.inputHidden = isHidden;
  cell.saveCollapseState();
}
