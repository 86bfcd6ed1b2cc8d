/**
 * Shows the progress of Spark jobs below the cell that runs them.
 */
import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { Notification } from '@jupyterlab/apputils';
import { INotebookTracker } from '@jupyterlab/notebook';
import { IRenderMimeRegistry } from '@jupyterlab/rendermime';
import type { Kernel } from '@jupyterlab/services';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';

import { CommandIDs } from '../commands';
import { askKernel } from '../services/attachments';
import { ProgressActions, ProgressOutput } from '../views/Progress';
import { PROGRESS_TYPE, Told } from '../views/progressData';

/** Before HTML (50), which is for those who do not know the type. */
const RANK = 40;

/** The plugin. */
export const progressPlugin: JupyterFrontEndPlugin<void> = {
  id: 'jupyter-dbx:progress',
  description: 'The progress of Spark jobs below the cell that runs them.',
  autoStart: true,
  requires: [IRenderMimeRegistry],
  optional: [INotebookTracker, ITranslator],
  activate: (
    { commands }: JupyterFrontEnd,
    registry: IRenderMimeRegistry,
    notebooks: INotebookTracker | null,
    translator: ITranslator | null
  ) => {
    const trans = (translator ?? nullTranslator).load('jupyter_dbx');
    /** Return the kernel of a run, if a notebook of this page has it. */
    const kernelOf = (run: string): Kernel.IKernelConnection | null => {
      const id = run.split(':')[0];
      const panel = notebooks?.find(notebook => notebook.sessionContext.session?.kernel?.id === id);
      return panel?.sessionContext.session?.kernel ?? null;
    };
    const actions: ProgressActions = {
      ask: async run => {
        const kernel = kernelOf(run);
        const told = kernel && ((await askKernel(kernel, { op: 'progress', run })) as Partial<Told>);
        return told?.run ? (told as Told) : null;
      },
      cancel: run => {
        const kernel = kernelOf(run);
        if (kernel) {
          askKernel(kernel, { op: 'cancel' }).catch(error => Notification.error(error.message));
        }
      },
      openSparkUi: (cluster_id, path) => void commands.execute(CommandIDs.openSparkUi, { cluster_id, path })
    };
    registry.addFactory(
      { safe: true, mimeTypes: [PROGRESS_TYPE], createRenderer: () => new ProgressOutput(trans, actions) },
      RANK
    );
  }
};
