/**
 * Offers a cluster to a cell that needs one while its notebook is not attached.
 */
import type { JupyterFrontEnd } from '@jupyterlab/application';
import type { Cell, CodeCell } from '@jupyterlab/cells';
import { INotebookTracker, KernelError, Notebook, NotebookActions, NotebookPanel } from '@jupyterlab/notebook';
import type { TranslationBundle } from '@jupyterlab/translation';

import { CommandIDs } from '../model/commands';
import type { IClusters } from '../tokens';
import { AttachPrompt } from '../views/picker/AttachPrompt';
import type { NotebookCluster } from './notebook-cluster';

/** Name of the kernel's error of a cell that finds no cluster; see `NoCluster` in kernel/errors.py. */
const NO_CLUSTER = 'NoCluster';

/** What the offers need. */
export interface AttachContext {
  app: JupyterFrontEnd;
  clusters: IClusters;
  notebooks: INotebookTracker;
  known: WeakMap<NotebookPanel, NotebookCluster>;
  trans: TranslationBundle;
}

/** Show an offer below the error of each cell that finds no cluster, one in each notebook. */
export function offerClusters({ app, clusters, notebooks, known, trans }: AttachContext): void {
  const offers = new WeakMap<Notebook, Offer>();
  NotebookActions.executed.connect((_, { notebook, cell, success, error }) => {
    const panel = notebooks.find(open => open.content === notebook);
    const attached = panel && known.get(panel);
    if (!attached || success) {
      return;
    }
    if (hasNoCluster(cell)) {
      offers.get(notebook)?.prompt.dispose();
      offers.set(notebook, new Offer(app, clusters, panel, attached, cell as CodeCell, trans));
    } else if (error instanceof KernelError && !error.errorName) {
      // The kernel has skipped it after the error of an earlier one.
      offers.get(notebook)?.add(cell);
    }
  });
}

/** Return whether the last run of a cell ended because it found no cluster. */
function hasNoCluster(cell: Cell): boolean {
  const outputs = (cell as CodeCell).model.outputs;
  const last = outputs.get(outputs.length - 1)?.toJSON();
  return last?.output_type === 'error' && last.ename === NO_CLUSTER;
}

/** The offer of one cell; it ends with the outputs of that cell. */
class Offer {
  constructor(
    app: JupyterFrontEnd,
    clusters: IClusters,
    private readonly panel: NotebookPanel,
    private readonly attached: NotebookCluster,
    cell: CodeCell,
    trans: TranslationBundle
  ) {
    this.cells = [cell];
    this.prompt = new AttachPrompt({
      clusters,
      trans,
      changed: attached.changed,
      attached: () => attached.clusterId,
      onRun: ({ cluster_id }) => this.run(cluster_id),
      onCreate: () => void app.commands.execute(CommandIDs.create)
    });
    // Below the outputs, where `input()` has its field; JupyterLab disposes of both when it clears the outputs.
    cell.outputArea.layout.addWidget(this.prompt);
  }

  readonly prompt: AttachPrompt;

  /** Let a cell that the kernel has skipped run, too, e.g. of "Run All Cells". */
  add(cell: Cell): void {
    if (!this.prompt.isDisposed) {
      this.cells.push(cell);
      this.prompt.following = this.cells.length - 1;
    }
  }

  private async run(clusterId: string): Promise<void> {
    const { attached, panel, cells } = this;
    if (attached.clusterId === clusterId || (await attached.request({ op: 'attach', clusterId }))) {
      const rest = cells.filter(cell => !cell.isDisposed);
      await NotebookActions.runCells(panel.content, rest, panel.sessionContext);
    }
  }

  private readonly cells: Cell[];
}
