/**
 * Tabs of one cluster: one for each cluster, restored after a reload.
 *
 * A tab opens without its cluster: the list may not be loaded yet, the server may not respond, or the cluster may have been
 * deleted. So JupyterLab restores its layout in any case, and the tab says what it lacks.
 */
import type { ILayoutRestorer } from '@jupyterlab/application';
import { MainAreaWidget, WidgetTracker } from '@jupyterlab/apputils';
import type { DocumentRegistry } from '@jupyterlab/docregistry';
import type { ReadonlyPartialJSONObject } from '@lumino/coreutils';
import type { Widget } from '@lumino/widgets';

import { clustersIcon } from '../icons';
import { argsOf, Remembered, rememberedIn } from '../model/remembered';
import { ClusterMemory } from '../services/clusterMemory';
import { addClusterCommand, CommandContext } from './cluster-commands';

/** A kind of tab. */
export interface TabKind<T extends Widget> {
  /** part of the tracker's namespace and of the tabs' ids */
  name: string;
  /** id of the command that opens a tab */
  command: string;
  /** Return the tab's title from the cluster's name. */
  title(name: string): string;
  make(memory: ClusterMemory): Promise<T>;
  /** Apply the command's arguments, also to a tab that is already open. */
  show?(content: T, args: ReadonlyPartialJSONObject): void;
  /** Return where a new tab goes. */
  options?(): DocumentRegistry.IOpenOptions;
}

/** Add the command that opens tabs of a kind. */
export function addClusterTab<T extends Widget>(
  context: CommandContext,
  restorer: ILayoutRestorer | null,
  kind: TabKind<T>
): void {
  const { app, clusters } = context;
  const tracker = new WidgetTracker<ClusterTab<T>>({ namespace: `jupyter-dbx-${kind.name}` });
  const open = async (wanted: Remembered, args: ReadonlyPartialJSONObject) => {
    const id = `jp-dbx-${kind.name}-${wanted.clusterId}`;
    let tab = tracker.find(widget => widget.id === id);
    if (!tab) {
      const memory = new ClusterMemory(clusters, wanted);
      const opened = new ClusterTab(await kind.make(memory), memory, kind.title);
      opened.id = id;
      memory.changed.connect(() => void tracker.save(opened));
      await tracker.add(opened);
      app.shell.add(opened, 'main', kind.options?.());
      tab = opened;
    }
    kind.show?.(tab.content, args);
    app.shell.activateById(id);
  };
  addClusterCommand(
    context,
    kind.command,
    ({ cluster_id }, args) => open(rememberedIn({ cluster_id }), args),
    args => open(rememberedIn(args), args)
  );
  void restorer?.restore(tracker, {
    command: kind.command,
    args: tab => argsOf(tab.memory.current),
    name: tab => tab.id
  });
}

class ClusterTab<T extends Widget> extends MainAreaWidget<T> {
  constructor(
    content: T,
    readonly memory: ClusterMemory,
    titleOf: (name: string) => string
  ) {
    super({ content });
    const showName = () => {
      this.title.label = titleOf(memory.current.name);
    };
    showName();
    memory.changed.connect(showName);
    this.title.icon = clustersIcon;
    this.title.closable = true;
    this.toolbar.hide(); // it is empty
  }

  dispose(): void {
    this.memory.dispose();
    super.dispose();
  }
}
