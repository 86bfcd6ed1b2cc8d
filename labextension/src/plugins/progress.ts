/**
 * Renders the progress of Spark jobs below their cell.
 */
import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { Notification } from '@jupyterlab/apputils';
import { INotebookTracker } from '@jupyterlab/notebook';
import { IRenderMimeRegistry } from '@jupyterlab/rendermime';
import type { Kernel } from '@jupyterlab/services';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';

import { CommandIDs } from '../model/commands';
import { requestKernel } from '../services/kernels';
import { ProgressActions, ProgressOutput } from '../views/Progress';
import { CellJobs, PROGRESS_TYPE } from '../model/progress';

/** Before HTML (50), which is for front ends without this extension. */
const RANK = 40;

/** Time that a kernel has to report, ms; a request gets lost while it restarts. */
const QUERY_MS = 2_000;

/** The plugin. */
export const progressPlugin: JupyterFrontEndPlugin<void> = {
  id: 'jupyter-dbx:progress',
  description: 'The progress of Spark jobs below their cell.',
  autoStart: true,
  requires: [IRenderMimeRegistry],
  optional: [INotebookTracker, ITranslator],
  activate: (
    { commands, serviceManager }: JupyterFrontEnd,
    registry: IRenderMimeRegistry,
    notebooks: INotebookTracker | null,
    translator: ITranslator | null
  ) => {
    const trans = (translator ?? nullTranslator).load('jupyter_dbx');
    const idOf = (run: string): string => run.split(':')[0];
    /** Return the kernel of a run; throws while no notebook of this page is connected to it. */
    const kernelOf = (run: string): Kernel.IKernelConnection => {
      const panel = notebooks?.find(notebook => notebook.sessionContext.session?.kernel?.id === idOf(run));
      const kernel = panel?.sessionContext.session?.kernel;
      if (!kernel) {
        throw new Error(trans.__('This notebook is not connected to the kernel that runs these jobs.'));
      }
      return kernel;
    };
    const actions: ProgressActions = {
      query: async run => {
        if (!(await serviceManager.kernels.findById(idOf(run)))) {
          return 'gone';
        }
        const found = (await requestKernel(kernelOf(run), { op: 'progress', run }, QUERY_MS)) as Partial<CellJobs>;
        return found.run ? (found as CellJobs) : 'unknown';
      },
      cancel: async run => {
        try {
          await requestKernel(kernelOf(run), { op: 'cancel', run });
        } catch (error) {
          Notification.error((error as Error).message);
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
