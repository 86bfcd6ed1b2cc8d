/**
 * The panes that show what a cluster does: each can be docked anywhere.
 */
import { ILayoutRestorer, JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { ICommandPalette } from '@jupyterlab/apputils';
import type { DocumentRegistry } from '@jupyterlab/docregistry';
import { ITranslator, nullTranslator, TranslationBundle } from '@jupyterlab/translation';

import { CommandIDs } from '../model/commands';
import { IClusters } from '../tokens';
import type { PaneKind } from '../views/panes/ClusterPaneWidget';
import { addClusterTab } from './tabs';

/** Kind, command and title of each pane. */
const PANES: [PaneKind, string, (name: string, trans: TranslationBundle) => string][] = [
  ['tasks', CommandIDs.monitorTasks, (name, trans) => trans.__('Tasks: %1', name)],
  ['usage', CommandIDs.monitorUsage, (name, trans) => trans.__('CPU and memory: %1', name)],
  ['stages', CommandIDs.monitorStages, (name, trans) => trans.__('Stages: %1', name)]
];

/** The plugin. */
export const panesPlugin: JupyterFrontEndPlugin<void> = {
  id: 'jupyter-dbx:panes',
  description: 'Panes with the tasks, the resource usage and the stages of a cluster.',
  autoStart: true,
  requires: [IClusters],
  optional: [ICommandPalette, ILayoutRestorer, ITranslator],
  activate: (
    app: JupyterFrontEnd,
    clusters: IClusters,
    palette: ICommandPalette | null,
    restorer: ILayoutRestorer | null,
    translator: ITranslator | null
  ) => {
    const trans = (translator ?? nullTranslator).load('jupyter_dbx');
    for (const [kind, command, title] of PANES) {
      addClusterTab({ app, clusters, palette, trans }, restorer, {
        name: `${PREFIX}${kind}`,
        command,
        title: name => title(name, trans),
        options: () => placeOf(app, kind),
        make: async memory => {
          const { ClusterPaneWidget } = await import('../views/panes/ClusterPaneWidget'); // most pages never show it
          const cluster_id = memory.current.clusterId;
          const openSparkUi = (path: string) => void app.commands.execute(CommandIDs.openSparkUi, { cluster_id, path });
          return new ClusterPaneWidget(kind, clusters, memory, trans, openSparkUi);
        }
      });
    }
  }
};

const PREFIX = 'pane-';

/** Return where a new pane goes: beside one of its kind, else below other panes, else to the right. */
function placeOf(app: JupyterFrontEnd, kind: PaneKind): DocumentRegistry.IOpenOptions {
  const open = [...app.shell.widgets('main')].map(widget => widget.id);
  const like = open.filter(id => id.startsWith(`jp-dbx-${PREFIX}${kind}-`)).pop();
  const other = open.filter(id => id.startsWith(`jp-dbx-${PREFIX}`)).pop();
  if (like) {
    return { mode: 'tab-after', ref: like };
  }
  return other ? { mode: 'split-bottom', ref: other } : { mode: 'split-right' };
}
