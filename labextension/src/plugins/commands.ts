/**
 * The commands that send a request for a cluster.
 */
import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { Clipboard, Dialog, ICommandPalette, InputDialog, showDialog } from '@jupyterlab/apputils';
import { ITranslator, nullTranslator, TranslationBundle } from '@jupyterlab/translation';

import { nameOf, UP } from '../model/cluster';
import { CommandIDs } from '../model/commands';
import type { Cluster } from '../model/wire';
import { IClusters } from '../tokens';
import { addClusterCommand, Run } from './cluster-commands';

/** The plugin. */
export const commandsPlugin: JupyterFrontEndPlugin<void> = {
  id: 'jupyter-dbx:commands',
  description: 'Commands for clusters.',
  autoStart: true,
  requires: [IClusters],
  optional: [ICommandPalette, ITranslator],
  activate: (
    app: JupyterFrontEnd,
    clusters: IClusters,
    palette: ICommandPalette | null,
    translator: ITranslator | null
  ) => {
    const trans = (translator ?? nullTranslator).load('jupyter_dbx');
    for (const [id, run] of Object.entries(runsOf(clusters, trans))) {
      addClusterCommand({ app, clusters, palette, trans }, id, run);
    }
    app.commands.addCommand(CommandIDs.refresh, {
      label: trans.__('Refresh Clusters'),
      execute: () => clusters.refresh()
    });
  }
};

function runsOf(clusters: IClusters, trans: TranslationBundle): Record<string, Run> {
  const request = (verb: string) => (cluster: Cluster) => clusters.request(verb, cluster.cluster_id);
  return {
    [CommandIDs.start]: request('start'),
    [CommandIDs.restart]: cluster => interrupt(clusters, cluster, 'restart', trans.__('Restart'), trans),
    [CommandIDs.terminate]: cluster => interrupt(clusters, cluster, 'delete', trans.__('Terminate'), trans),
    [CommandIDs.pin]: request('pin'),
    [CommandIDs.unpin]: request('unpin'),
    [CommandIDs.extend]: cluster => clusters.extend(cluster.cluster_id),
    [CommandIDs.resize]: (cluster, { num_workers }) =>
      typeof num_workers === 'number'
        ? clusters.request('resize', cluster.cluster_id, { num_workers })
        : resize(clusters, cluster, trans),
    [CommandIDs.copyId]: async cluster => Clipboard.copyToSystem(cluster.cluster_id),
    [CommandIDs.remove]: cluster => remove(clusters, cluster, trans)
  };
}

/** Send a request that takes the driver from attached notebooks, after a confirmation if there are any. */
async function interrupt(
  clusters: IClusters,
  cluster: Cluster,
  verb: string,
  label: string,
  trans: TranslationBundle
): Promise<void> {
  const notebooks = cluster.live?.notebooks.length ?? 0;
  const body = trans._n(
    '%1 notebook is attached. Python variables are kept; DataFrames must be created again.',
    '%1 notebooks are attached. Python variables are kept; DataFrames must be created again.',
    notebooks
  );
  if (!notebooks || (await confirm(`${label} ${nameOf(cluster)}?`, body, label))) {
    await clusters.request(verb, cluster.cluster_id);
  }
}

async function remove(clusters: IClusters, cluster: Cluster, trans: TranslationBundle): Promise<void> {
  const notebooks = cluster.live?.notebooks.length ?? 0;
  const body = [
    UP.includes(cluster.state) ? trans.__('The cluster is running and will be terminated.') : '',
    notebooks ? trans._n('%1 notebook is attached.', '%1 notebooks are attached.', notebooks) : '',
    trans.__('Its configuration and logs are deleted permanently. Tables stay on disk.')
  ];
  const text = body.filter(sentence => sentence).join(' ');
  if (await confirm(trans.__('Delete %1?', nameOf(cluster)), text, trans.__('Delete'))) {
    await clusters.request('permanent-delete', cluster.cluster_id);
  }
}

async function confirm(title: string, body: string, label: string): Promise<boolean> {
  const buttons = [Dialog.cancelButton(), Dialog.warnButton({ label })];
  return (await showDialog({ title, body, buttons })).button.accept;
}

async function resize(clusters: IClusters, cluster: Cluster, trans: TranslationBundle): Promise<void> {
  const bounds = cluster.autoscale;
  const size = await InputDialog.getText({
    title: trans.__('Resize %1', nameOf(cluster)),
    label: trans.__('Workers: a number, or a range such as 2-8 for autoscaling'),
    text: bounds ? `${bounds.min_workers}-${bounds.max_workers}` : `${cluster.num_workers}`,
    pattern: '\\s*\\d+\\s*(-\\s*\\d+\\s*)?',
    okLabel: trans.__('Resize')
  });
  const [min, max] = (size.value ?? '').split('-').map(Number);
  if (size.button.accept) {
    const args = max === undefined ? { num_workers: min } : { autoscale: { min_workers: min, max_workers: max } };
    await clusters.request('resize', cluster.cluster_id, args);
  }
}
