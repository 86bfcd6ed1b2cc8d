/**
 * Shows a notebook's widgets (`dbutils.widgets`) above it, and runs cells when a value changes.
 */
import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { INotebookTracker, NotebookActions, NotebookPanel } from '@jupyterlab/notebook';
import { IRenderMime, IRenderMimeRegistry, MimeModel } from '@jupyterlab/rendermime';
import type { Kernel, KernelMessage } from '@jupyterlab/services';
import { ITranslator, nullTranslator, TranslationBundle } from '@jupyterlab/translation';
import { Panel, Widget } from '@lumino/widgets';

import { OUR_KERNEL, requestKernel } from '../services/kernels';
import { handleMultiselects } from './multiselects';

/** MIME type of the kernel's output for a notebook's widgets. */
const ARGUMENTS_TYPE = 'application/vnd.jupyter-dbx.arguments+json';

/** MIME type of ipywidgets. */
const VIEW_TYPE = 'application/vnd.jupyter.widget-view+json';

/** Before the output's ipywidgets form (0), which is for front ends without this extension. */
const RANK = -10;

/** Above and below the widgets, px; as in the style sheet. */
const MARGINS_PX = 9;

/** Target name of the comm with which a kernel requests to run cells. */
const TARGET = 'jupyter_dbx_run';

/** The plugin. */
export const argumentsPlugin: JupyterFrontEndPlugin<void> = {
  id: 'jupyter-dbx:arguments',
  description: 'The widgets of a notebook, above it.',
  autoStart: true,
  requires: [INotebookTracker, IRenderMimeRegistry],
  optional: [ITranslator],
  activate: (
    _: JupyterFrontEnd,
    notebooks: INotebookTracker,
    registry: IRenderMimeRegistry,
    translator: ITranslator | null
  ) => {
    const trans = (translator ?? nullTranslator).load('jupyter_dbx');
    const bars = new WeakMap<NotebookPanel, Bar>();
    /** Show the bar of the notebook of an output; return whether its kernel has widgets, as it has not after a restart. */
    const show = async (output: Widget) => {
      const panel = notebooks.find(notebook => notebook.node.contains(output.node));
      return !!(panel && (await bars.get(panel)?.refresh()));
    };
    const createRenderer = () => new Output(show, trans);
    registry.addFactory({ safe: false, mimeTypes: [ARGUMENTS_TYPE], createRenderer }, RANK);
    const attach = (panel: NotebookPanel) => {
      bars.set(panel, new Bar(panel, trans.__('Notebook widgets')));
      const listen = (kernel: Kernel.IKernelConnection | null | undefined) =>
        kernel?.registerCommTarget(TARGET, (_comm, message) => void runCells(panel, message));
      listen(panel.sessionContext.session?.kernel);
      panel.sessionContext.kernelChanged.connect((_, { newValue }) => listen(newValue));
    };
    notebooks.forEach(attach);
    notebooks.widgetAdded.connect((_, panel) => attach(panel));
  }
};

/** The output below the cell that creates widgets. */
class Output extends Widget implements IRenderMime.IRenderer {
  constructor(
    private readonly showAbove: (output: Widget) => Promise<boolean>,
    private readonly trans: TranslationBundle
  ) {
    super();
    this.addClass('jp-Dbx-arguments-note');
  }

  async renderModel(): Promise<void> {
    // The output is attached to its notebook only after rendering.
    requestAnimationFrame(() => void this.showNote());
  }

  private async showNote(): Promise<void> {
    const isShown = !this.isDisposed && (await this.showAbove(this));
    this.node.textContent = isShown
      ? this.trans.__('The widgets are above the notebook.')
      : this.trans.__('Run this cell to show the widgets above the notebook.');
  }
}

/** The widgets of one notebook. Its kernel says which they are, also to a page that was loaded later. */
class Bar {
  constructor(
    private readonly panel: NotebookPanel,
    private readonly label: string
  ) {
    void panel.sessionContext.ready.then(() => this.refresh());
    // The models of the widgets end with the kernel.
    panel.sessionContext.kernelChanged.connect(() => {
      this.clear();
      void this.refresh();
    });
    panel.sessionContext.statusChanged.connect((_, status) => status === 'restarting' && this.clear());
  }

  /** Show the kernel's widgets, if there are any; return whether there are. */
  async refresh(): Promise<boolean> {
    const kernel = this.panel.sessionContext.session?.kernel;
    if (kernel?.name !== OUR_KERNEL) {
      return false;
    }
    await kernel.info; // until the kernel is idle, ipywidgets cannot load its models, either
    const answer = await requestKernel(kernel, { op: 'arguments' }).catch(() => ({})); // it is older than this page
    const { model_id: modelId = '' } = answer as { model_id?: string };
    if (modelId && !this.panel.isDisposed && this.panel.sessionContext.session?.kernel === kernel) {
      await this.show(modelId);
    }
    return !!modelId;
  }

  /** Show the widgets of this model in place of earlier ones. */
  private async show(modelId: string): Promise<void> {
    if (modelId !== this.modelId) {
      this.clear();
      this.modelId = modelId;
      const view = this.panel.content.rendermime.createRenderer(VIEW_TYPE);
      const frame = new Panel();
      frame.addClass('jp-Dbx-arguments');
      frame.node.setAttribute('role', 'region');
      frame.node.setAttribute('aria-label', this.label);
      frame.addWidget(view);
      this.frame = frame;
      this.panel.contentHeader.addWidget(frame);
      // The header sizes its children by their style, not by their content.
      const sizes = new ResizeObserver(() => {
        frame.node.style.minHeight = `${view.node.offsetHeight + MARGINS_PX}px`;
        this.panel.contentHeader.fit();
      });
      sizes.observe(view.node);
      const lists = handleMultiselects(frame.node);
      frame.disposed.connect(() => {
        sizes.disconnect();
        lists.dispose();
      });
      const data = { [VIEW_TYPE]: { model_id: modelId, version_major: 2, version_minor: 0 } };
      await view.renderModel(new MimeModel({ data, trusted: true }));
    }
  }

  private clear(): void {
    this.frame?.dispose();
    this.frame = null;
    this.modelId = '';
  }

  private frame: Panel | null = null;
  private modelId = '';
}

/** Run the cells that a kernel names, in the notebook's order; `null` = all cells. */
async function runCells(panel: NotebookPanel, message: KernelMessage.ICommOpenMsg): Promise<void> {
  const { cells } = message.content.data as { cells: string[] | null };
  const { content, sessionContext } = panel;
  if (panel.isDisposed || sessionContext.isTerminating) {
    return; // a widget that lost the focus because its notebook is being closed
  }
  if (cells === null) {
    await NotebookActions.runAll(content, sessionContext);
  } else {
    const wanted = content.widgets.filter(cell => cells.includes(cell.model.id));
    await NotebookActions.runCells(content, wanted, sessionContext);
  }
}
