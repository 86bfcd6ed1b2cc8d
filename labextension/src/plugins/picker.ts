/**
 * The cluster picker in the toolbar of notebooks, and the commands that attach and detach.
 */
import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { ICommandPalette, IToolbarWidgetRegistry } from '@jupyterlab/apputils';
import { INotebookTracker, NotebookPanel } from '@jupyterlab/notebook';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';
import type { ReadonlyPartialJSONObject } from '@lumino/coreutils';

import { CommandIDs } from '../model/commands';
import { Attachments } from '../services/attachments';
import { Client } from '../services/client';
import { IClusters } from '../tokens';
import { toggleChooser } from '../views/picker/ChooserPopup';
import { PickerWidget } from '../views/picker/PickerWidget';
import { offerClusters } from './attach-and-run';
import { CommandContext, targetOf } from './cluster-commands';
import { NotebookCluster } from './notebook-cluster';
import { showError } from './notice';
import { pickerActions } from './picker-actions';

/** The plugin. */
export const pickerPlugin: JupyterFrontEndPlugin<void> = {
  id: 'jupyter-dbx:picker',
  description: 'The cluster picker in the toolbar of notebooks.',
  autoStart: true,
  requires: [IClusters, INotebookTracker, IToolbarWidgetRegistry],
  optional: [ICommandPalette, ITranslator],
  activate: (
    app: JupyterFrontEnd,
    clusters: IClusters,
    notebooks: INotebookTracker,
    toolbars: IToolbarWidgetRegistry,
    palette: ICommandPalette | null,
    translator: ITranslator | null
  ) => {
    const trans = (translator ?? nullTranslator).load('jupyter_dbx');
    const { serverSettings, events } = app.serviceManager;
    const attachments = new Attachments(new Client(serverSettings), events.stream);
    const known = new WeakMap<NotebookPanel, NotebookCluster>();
    toolbars.addFactory<NotebookPanel>('Notebook', 'dbx-cluster', panel => {
      const picker = new PickerWidget(trans, button =>
        toggleChooser(button, {
          clusters,
          chosen: attached.clusterId,
          actions: pickerActions(app, attached),
          trans,
          onChoose: ({ cluster_id }) => void attached.request({ op: 'attach', clusterId: cluster_id })
        })
      );
      const attached = new NotebookCluster(panel, clusters, attachments, trans);
      attached.changed.connect((_, state) => (picker.state = state));
      known.set(panel, attached);
      void attached.refresh();
      return picker;
    });
    notebooks.currentChanged.connect((_, panel) => void (panel && known.get(panel)?.refresh()));
    offerClusters({ app, clusters, notebooks, known, trans });
    addCommands({ app, clusters, palette, trans }, notebooks, known, attachments);
  }
};

function addCommands(
  { app, clusters, palette, trans }: CommandContext,
  notebooks: INotebookTracker,
  known: WeakMap<NotebookPanel, NotebookCluster>,
  attachments: Attachments
): void {
  const current = () => notebooks.currentWidget && known.get(notebooks.currentWidget);
  const isEnabled = () => !!current()?.hasOurKernel;
  app.commands.addCommand(CommandIDs.attach, {
    label: trans.__('Attach Current Notebook'),
    isEnabled,
    isToggled: args => !!args.cluster_id && args.cluster_id === current()?.clusterId,
    execute: (args: ReadonlyPartialJSONObject) => {
      const cluster = targetOf(app, clusters, args);
      return cluster && current()?.request({ op: 'attach', clusterId: cluster.cluster_id });
    }
  });
  app.commands.addCommand(CommandIDs.detach, {
    label: trans.__('Detach'),
    isEnabled: args => !!args.kernel_id || isEnabled(),
    execute: ({ kernel_id, path }) => {
      const panel = kernel_id && notebooks.find(open => open.sessionContext.session?.kernel?.id === kernel_id);
      const attached = panel ? known.get(panel) : current();
      return kernel_id && !panel
        ? attachments.detach(kernel_id as string, path as string).catch((error: Error) => showError(error.message))
        : attached?.request({ op: 'detach' });
    }
  });
  app.commands.addCommand(CommandIDs.reattach, {
    label: trans.__('Detach and Re-attach'),
    isEnabled,
    execute: () => current()?.request({ op: 'reattach' })
  });
  app.contextMenu.addItem({ command: CommandIDs.attach, selector: '.jp-Dbx-row', rank: -1 });
  for (const command of [CommandIDs.detach, CommandIDs.reattach]) {
    palette?.addItem({ command, category: trans.__('Spark Clusters') });
  }
}
