/**
 * Clusters in JupyterLab's Running panel and status bar.
 */
import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { IRunningSessionManagers, IRunningSessions } from '@jupyterlab/running';
import { IStatusBar } from '@jupyterlab/statusbar';
import { ITranslator, nullTranslator, TranslationBundle } from '@jupyterlab/translation';
import { Signal } from '@lumino/signaling';
import { Widget } from '@lumino/widgets';

import { nameOf, UP } from '../model/cluster';
import { CommandIDs } from '../model/commands';
import { lackingLevel } from '../model/permissions';
import { clustersIcon } from '../icons';
import type { Cluster } from '../model/wire';
import { IClusters } from '../tokens';
import { sizeWords, stateWord } from '../model/words';

/** The plugin. */
export const placesPlugin: JupyterFrontEndPlugin<void> = {
  id: 'jupyter-dbx:places',
  description: 'Clusters in the Running panel and in the status bar.',
  autoStart: true,
  requires: [IClusters],
  optional: [IRunningSessionManagers, IStatusBar, ITranslator],
  activate: (
    app: JupyterFrontEnd,
    clusters: IClusters,
    running: IRunningSessionManagers | null,
    statusBar: IStatusBar | null,
    translator: ITranslator | null
  ) => {
    const trans = (translator ?? nullTranslator).load('jupyter_dbx');
    running?.add(new RunningClusters(app, clusters, trans));
    statusBar?.registerStatusItem('jupyter-dbx:clusters', {
      align: 'left',
      rank: 10,
      item: statusItem(app, clusters, trans),
      isActive: () => upOf(clusters).length > 0,
      activeStateChanged: clusters.changed
    });
  }
};

/** Return the clusters that have resources. */
function liveOf(clusters: IClusters): Cluster[] {
  return (clusters.all ?? []).filter(cluster => cluster.state !== 'TERMINATED');
}

/** Return whether the user may terminate a cluster. */
function mayTerminate(cluster: Cluster): boolean {
  return !lackingLevel(cluster, CommandIDs.terminate);
}

/** Return the clusters that notebooks can use now. */
function upOf(clusters: IClusters): Cluster[] {
  return (clusters.all ?? []).filter(cluster => UP.includes(cluster.state));
}

class RunningClusters implements IRunningSessions.IManager {
  constructor(
    private readonly app: JupyterFrontEnd,
    private readonly clusters: IClusters,
    private readonly trans: TranslationBundle
  ) {
    this.name = trans.__('Spark Clusters');
    this.shutdownAllConfirmationText = trans.__('Terminate all clusters? Their configurations are kept.');
    this.shutdownAllLabel = trans.__('Terminate All');
    this.shutdownLabel = trans.__('Terminate');
    clusters.changed.connect(() => this.runningChanged.emit(undefined));
  }

  readonly name: string;
  readonly shutdownAllConfirmationText: string;
  readonly shutdownAllLabel: string;
  readonly shutdownLabel: string;
  readonly runningChanged = new Signal<this, undefined>(this);

  running(): IRunningSessions.IRunningItem[] {
    return liveOf(this.clusters).map(cluster => {
      const execute = (command: string) => () =>
        void this.app.commands.execute(command, { cluster_id: cluster.cluster_id });
      return {
        open: execute(CommandIDs.openPage),
        shutdown: mayTerminate(cluster) ? execute(CommandIDs.terminate) : undefined,
        icon: () => clustersIcon,
        label: () => nameOf(cluster),
        labelTitle: () => sizeWords(cluster, this.clusters.catalogue?.nodeTypes ?? [], this.trans),
        detail: () => stateWord(cluster.state, this.trans)
      };
    });
  }

  shutdownAll(): void {
    for (const cluster of liveOf(this.clusters).filter(mayTerminate)) {
      void this.clusters.request('delete', cluster.cluster_id).catch((error: Error) => console.warn(error.message));
    }
  }

  refreshRunning(): void {
    void this.clusters.refresh();
  }
}

function statusItem(app: JupyterFrontEnd, clusters: IClusters, trans: TranslationBundle): Widget {
  const button = document.createElement('button');
  button.className = 'jp-Dbx-status';
  button.onclick = () => void app.commands.execute(CommandIDs.show);
  const item = new Widget({ node: document.createElement('div') });
  item.node.append(button);
  const show = () => {
    const up = upOf(clusters);
    const loads = up.flatMap(cluster => (cluster.live ? [cluster.live.load] : []));
    const busy = loads.reduce((sum, load) => sum + load.busy_cores, 0);
    const cores = loads.reduce((sum, load) => sum + load.total_cores, 0);
    button.textContent = trans._n('Spark: %1 cluster', 'Spark: %1 clusters', up.length);
    button.title = trans.__('%1 of %2 cores busy', busy, cores);
  };
  clusters.changed.connect(show);
  show();
  return item;
}
