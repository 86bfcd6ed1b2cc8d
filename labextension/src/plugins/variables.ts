/**
 * The side panel with the variables of the current notebook.
 */
import { ILayoutRestorer, JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { ICommandPalette } from '@jupyterlab/apputils';
import { INotebookTracker, NotebookActions, NotebookPanel } from '@jupyterlab/notebook';
import type { Kernel } from '@jupyterlab/services';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';
import { listIcon } from '@jupyterlab/ui-components';

import { CommandIDs } from '../model/commands';
import type { Variables } from '../model/variables';
import { OUR_KERNEL, requestKernel } from '../services/kernels';
import { VariablesState, VariablesWidget } from '../views/variables/VariablesWidget';

/** The plugin. */
export const variablesPlugin: JupyterFrontEndPlugin<void> = {
  id: 'jupyter-dbx:variables',
  description: 'The side panel with the variables of the current notebook.',
  autoStart: true,
  requires: [INotebookTracker],
  optional: [ICommandPalette, ILayoutRestorer, ITranslator],
  activate: (
    app: JupyterFrontEnd,
    notebooks: INotebookTracker,
    palette: ICommandPalette | null,
    restorer: ILayoutRestorer | null,
    translator: ITranslator | null
  ) => {
    const trans = (translator ?? nullTranslator).load('jupyter_dbx');
    const panel = new VariablesWidget(trans);
    panel.id = 'jp-dbx-variables';
    panel.title.icon = listIcon;
    panel.title.caption = trans.__('Variables');
    new Follower(notebooks, panel, trans.__('Open a notebook with the Spark kernel to see its variables.'));
    app.shell.add(panel, 'right', { rank: 650, type: 'Variables' });
    restorer?.add(panel, panel.id);
    const command = CommandIDs.showVariables;
    app.commands.addCommand(command, {
      label: trans.__('Show Variables'),
      icon: listIcon,
      execute: () => app.shell.activateById(panel.id)
    });
    palette?.addItem({ command, category: trans.__('Spark Clusters') });
  }
};

/** Keeps the panel to the notebook that is current, while it is visible. */
class Follower {
  constructor(
    private readonly notebooks: INotebookTracker,
    private readonly panel: VariablesWidget,
    private readonly noKernel: string
  ) {
    notebooks.forEach(notebook => this.listen(notebook));
    notebooks.widgetAdded.connect((_, notebook) => this.listen(notebook));
    notebooks.currentChanged.connect(() => this.begin());
    panel.shown.connect(() => void this.load());
    NotebookActions.executed.connect((_, { notebook }) => {
      if (notebook === notebooks.currentWidget?.content) {
        void this.load();
      }
    });
    this.begin();
  }

  private listen(notebook: NotebookPanel): void {
    const beginIf = (isTrue: boolean) => isTrue && notebook === this.notebooks.currentWidget && this.begin();
    notebook.sessionContext.kernelChanged.connect(() => beginIf(true));
    notebook.sessionContext.statusChanged.connect((_, status) => beginIf(status.endsWith('restarting')));
  }

  /** Show another kernel's variables, or those of the same one after a restart. */
  private begin(): void {
    this.panel.state = { found: null, problem: '', reason: this.kernel ? '' : this.noKernel };
    void this.load();
  }

  private async load(): Promise<void> {
    const { kernel, panel } = this;
    if (!kernel || !panel.isVisible) {
      return;
    }
    const state: VariablesState = await requestKernel(kernel, { op: 'variables' }).then(
      found => ({ found: found as Variables, problem: '', reason: '' }),
      (error: Error) => ({ ...panel.state, problem: error.message })
    );
    if (kernel === this.kernel) {
      panel.state = state;
    }
  }

  private get kernel(): Kernel.IKernelConnection | null {
    const kernel = this.notebooks.currentWidget?.sessionContext.session?.kernel;
    return kernel?.name === OUR_KERNEL ? kernel : null;
  }
}
