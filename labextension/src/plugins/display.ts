/**
 * Shows the tables of `display` as grids.
 */
import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { INotebookTracker } from '@jupyterlab/notebook';
import { IRenderMimeRegistry } from '@jupyterlab/rendermime';
import type { Kernel } from '@jupyterlab/services';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';

import { askKernel, OUR_KERNEL } from '../services/attachments';
import { TABLE_TYPE } from '../views/display/tableData';
import { DisplayActions, TableOutput } from '../views/display/TableOutput';

/** Before HTML (50), which is for those who do not know the type. */
const RANK = 40;

/** For how long the cluster may work for an answer, ms. */
const PATIENCE_MS = 600_000;

/** The plugin. */
export const displayPlugin: JupyterFrontEndPlugin<void> = {
  id: 'jupyter-dbx:display',
  description: 'The tables of `display`, as grids.',
  autoStart: true,
  requires: [IRenderMimeRegistry],
  optional: [INotebookTracker, ITranslator],
  activate: (
    _: JupyterFrontEnd,
    registry: IRenderMimeRegistry,
    notebooks: INotebookTracker | null,
    translator: ITranslator | null
  ) => {
    const trans = (translator ?? nullTranslator).load('jupyter_dbx');
    /** Return the kernel of the notebook that an output is in. */
    const kernelOf = (node: HTMLElement): Kernel.IKernelConnection | null => {
      const kernel = notebooks?.find(panel => panel.node.contains(node))?.sessionContext.session?.kernel;
      return kernel?.name === OUR_KERNEL ? kernel : null;
    };
    const actions: DisplayActions = {
      canAsk: node => kernelOf(node) !== null,
      ask: async (node, wish) => {
        const kernel = kernelOf(node);
        return kernel ? askKernel(kernel, wish, PATIENCE_MS) : {};
      }
    };
    registry.addFactory(
      { safe: true, mimeTypes: [TABLE_TYPE], createRenderer: () => new TableOutput(trans, actions) },
      RANK
    );
  }
};
