/**
 * Tabs that are about one cluster: one each, and there again after a reload.
 */
import type { ILayoutRestorer } from '@jupyterlab/application';
import { MainAreaWidget, WidgetTracker } from '@jupyterlab/apputils';
import type { DocumentRegistry } from '@jupyterlab/docregistry';
import type { ReadonlyPartialJSONObject } from '@lumino/coreutils';
import type { Widget } from '@lumino/widgets';

import { clustersIcon } from '../icons';
import type { Cluster } from '../services/wire';
import { addClusterCommand, Surroundings } from './commands';

/** A kind of tab. */
export interface TabKind<T extends Widget> {
  /** of the tracker, and what ids begin with */
  name: string;
  /** id of the command that opens one */
  command: string;
  title(cluster: Cluster): string;
  make(cluster: Cluster): Promise<T>;
  /** Show what the command was told to show, also in a tab that is open already. */
  show?(content: T, cluster: Cluster, args: ReadonlyPartialJSONObject): void;
  options?: DocumentRegistry.IOpenOptions;
}

/** Let a command open tabs of a kind. */
export function addClusterTab<T extends Widget>(
  surroundings: Surroundings,
  restorer: ILayoutRestorer | null,
  kind: TabKind<T>
): void {
  const { app, clusters } = surroundings;
  const prefix = `jp-dbx-${kind.name}-`;
  const tracker = new WidgetTracker<MainAreaWidget<T>>({ namespace: `jupyter-dbx-${kind.name}` });
  addClusterCommand(surroundings, kind.command, async (cluster, args) => {
    const id = prefix + cluster.cluster_id;
    let tab = tracker.find(widget => widget.id === id);
    if (!tab) {
      tab = new MainAreaWidget({ content: await kind.make(cluster) });
      tab.id = id;
      tab.title.label = kind.title(cluster);
      tab.title.icon = clustersIcon;
      tab.title.closable = true;
      await tracker.add(tab);
      app.shell.add(tab, 'main', kind.options);
    }
    kind.show?.(tab.content, cluster, args);
    app.shell.activateById(id);
  });
  void restorer?.restore(tracker, {
    command: kind.command,
    args: widget => ({ cluster_id: widget.id.slice(prefix.length) }),
    name: widget => widget.id,
    when: clusters.ready
  });
}
