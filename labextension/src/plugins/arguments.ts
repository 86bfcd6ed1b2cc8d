/**
 * Shows a notebook's widgets (`dbutils.widgets`) above it, and runs the cells that a choice in them is to run.
 */
import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { INotebookTracker, NotebookActions, NotebookPanel } from '@jupyterlab/notebook';
import { IRenderMime, IRenderMimeRegistry, MimeModel } from '@jupyterlab/rendermime';
import type { Kernel, KernelMessage } from '@jupyterlab/services';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';
import { Panel, Widget } from '@lumino/widgets';

/** What the kernel shows for a notebook's widgets. */
const ARGUMENTS_TYPE = 'application/vnd.jupyter-dbx.arguments+json';

/** What ipywidgets show. */
const VIEW_TYPE = 'application/vnd.jupyter.widget-view+json';

/** Before ipywidgets' own (0), which is for front ends that do not know the type. */
const RANK = -10;

/** Above and below the widgets, px; as in the style sheet. */
const MARGINS_PX = 9;

/** The comm by which a kernel tells which cells to run. */
const TARGET = 'jupyter_dbx_run';

/** The plugin. */
export const argumentsPlugin: JupyterFrontEndPlugin<void> = {
  id: 'jupyter-dbx:arguments',
  description: "A notebook's widgets above it.",
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
    const show = (output: Widget, modelId: string) => {
      const panel = notebooks.find(notebook => notebook.node.contains(output.node));
      if (panel) {
        const bar = bars.get(panel) ?? new Bar(panel, trans.__('Widgets of this notebook'));
        bars.set(panel, bar);
        void bar.show(modelId);
      }
    };
    const words = trans.__('The widgets are above the notebook.');
    registry.addFactory(
      { safe: false, mimeTypes: [ARGUMENTS_TYPE], createRenderer: () => new Output(words, show) },
      RANK
    );
    const follow = (panel: NotebookPanel) => {
      const listen = (kernel: Kernel.IKernelConnection | null | undefined) =>
        kernel?.registerCommTarget(TARGET, (_comm, message) => void runCells(panel, message));
      listen(panel.sessionContext.session?.kernel);
      panel.sessionContext.kernelChanged.connect((_, { newValue }) => listen(newValue));
    };
    notebooks.forEach(follow);
    notebooks.widgetAdded.connect((_, panel) => follow(panel));
  }
};

/** What stands below the cell that makes widgets. */
class Output extends Widget implements IRenderMime.IRenderer {
  constructor(
    words: string,
    private readonly showAbove: (output: Widget, modelId: string) => void
  ) {
    super();
    this.addClass('jp-Dbx-arguments-note');
    this.node.textContent = words;
  }

  async renderModel(model: IRenderMime.IMimeModel): Promise<void> {
    const { model_id } = model.data[ARGUMENTS_TYPE] as { model_id: string };
    // It is in its notebook only after it was drawn.
    requestAnimationFrame(() => !this.isDisposed && this.showAbove(this, model_id));
  }
}

/** The widgets of one notebook. */
class Bar {
  constructor(
    private readonly panel: NotebookPanel,
    private readonly label: string
  ) {
    // Their models end with the kernel.
    panel.sessionContext.kernelChanged.connect(() => this.clear());
    panel.sessionContext.statusChanged.connect((_, status) => status === 'restarting' && this.clear());
  }

  /** Show the widgets of this model, instead of those before. */
  async show(modelId: string): Promise<void> {
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
      // The header gives its children the height that their style asks for, and knows nothing of what is in them.
      const sizes = new ResizeObserver(() => {
        frame.node.style.minHeight = `${view.node.offsetHeight + MARGINS_PX}px`;
        this.panel.contentHeader.fit();
      });
      sizes.observe(view.node);
      frame.disposed.connect(() => sizes.disconnect());
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

/** Run the cells that a kernel names, in the notebook's order, or all of them. */
async function runCells(panel: NotebookPanel, message: KernelMessage.ICommOpenMsg): Promise<void> {
  const { cells } = message.content.data as { cells: string[] | null };
  const { content, sessionContext } = panel;
  if (cells === null) {
    await NotebookActions.runAll(content, sessionContext);
  } else {
    const wanted = content.widgets.filter(cell => cells.includes(cell.model.id));
    await NotebookActions.runCells(content, wanted, sessionContext);
  }
}
