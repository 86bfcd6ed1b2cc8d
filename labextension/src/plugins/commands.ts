/**
 * The commands that are about one cluster: from the panel, its menus, the palette and shortcuts.
 */
import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { Clipboard, Dialog, ICommandPalette, InputDialog, Notification, showDialog } from '@jupyterlab/apputils';
import { ITranslator, nullTranslator, TranslationBundle } from '@jupyterlab/translation';
import { MenuSvg } from '@jupyterlab/ui-components';
import type { ReadonlyPartialJSONObject } from '@lumino/coreutils';

import { CLUSTER_COMMANDS, ClusterCommand, CommandIDs } from '../commands';
import type { Cluster } from '../services/wire';
import { IClusters } from '../tokens';
import { nameOf, UP } from '../views/words';

/** What a command does to a cluster; rejects with the server's refusal. */
type Run = (cluster: Cluster, args: ReadonlyPartialJSONObject) => Promise<void>;

/** The plugin. */
export const commandsPlugin: JupyterFrontEndPlugin<void> = {
  id: 'jupyter-dbx:commands',
  description: 'What can be done with a cluster.',
  autoStart: true,
  requires: [IClusters],
  optional: [ICommandPalette, ITranslator],
  activate: (app: JupyterFrontEnd, clusters: IClusters, palette: ICommandPalette | null, translator: ITranslator | null) => {
    const trans = (translator ?? nullTranslator).load('jupyter_dbx');
    const runs = runsOf(clusters, trans);
    for (const [id, run] of Object.entries(runs)) {
      addClusterCommand({ app, clusters, palette, trans }, id, run);
    }
    app.commands.addCommand(CommandIDs.refresh, {
      label: trans.__('Refresh Clusters'),
      execute: () => clusters.refresh()
    });
  }
};

/** What a command needs. */
export interface Surroundings {
  app: JupyterFrontEnd;
  clusters: IClusters;
  palette: ICommandPalette | null;
  trans: TranslationBundle;
}

/** Add one of CLUSTER_COMMANDS to the registry, the palette and the rows' menu. */
export function addClusterCommand({ app, clusters, palette, trans }: Surroundings, id: string, run: Run): void {
  const command = CLUSTER_COMMANDS.find(known => known?.id === id)!;
  const label = command.label(trans);
  app.commands.addCommand(id, {
    label: args => (args.isPalette ? trans.__('Cluster: %1', label) : label),
    isVisible: args => {
      const cluster = targetOf(app, clusters, args);
      return !cluster || command.fits(cluster);
    },
    execute: async args => {
      const cluster = targetOf(app, clusters, args) ?? (await choose(clusters, command, trans));
      if (cluster) {
        await run(cluster, args).catch(error => {
          if (args.quiet) {
            throw error; // whoever asked shows it
          }
          Notification.error(`${nameOf(cluster)}: ${error.message}`);
        });
      }
    }
  });
  palette?.addItem({ command: id, category: trans.__('Spark Clusters'), args: { isPalette: true } });
  app.contextMenu.addItem({ command: id, selector: '.jp-Dbx-row', rank: CLUSTER_COMMANDS.indexOf(command) });
}

/** Return the cluster that a command is about: the one that is named, or the one below the mouse; undefined = neither. */
export function targetOf(
  app: JupyterFrontEnd,
  clusters: IClusters,
  args: ReadonlyPartialJSONObject
): Cluster | undefined {
  const row = args.isPalette ? undefined : app.contextMenuHitTest(node => 'cluster' in node.dataset);
  return clusters.find((args.cluster_id as string) ?? row?.dataset.cluster ?? '');
}

/** Let somebody choose one of the clusters that a command fits. */
async function choose(
  clusters: IClusters,
  command: ClusterCommand,
  trans: TranslationBundle
): Promise<Cluster | undefined> {
  const found = (clusters.all ?? []).filter(command.fits);
  if (found.length === 0) {
    Notification.info(trans.__('There is no cluster for which this makes sense now.'));
    return undefined;
  }
  const items = found.map(cluster => `${nameOf(cluster)} (${cluster.cluster_id})`);
  const title = command.label(trans);
  const chosen = await InputDialog.getItem({ title, items, label: trans.__('Cluster') });
  return chosen.button.accept ? found[items.indexOf(chosen.value ?? '')] : undefined;
}

/** Return a menu of everything that can be done with a cluster now. */
export function clusterMenu({ commands }: JupyterFrontEnd, cluster: Cluster): MenuSvg {
  const menu = new MenuSvg({ commands });
  const args = { cluster_id: cluster.cluster_id };
  if (commands.hasCommand(CommandIDs.attach) && commands.isEnabled(CommandIDs.attach, args)) {
    menu.addItem({ command: CommandIDs.attach, args });
    menu.addItem({ type: 'separator' });
  }
  for (const command of CLUSTER_COMMANDS) {
    if (command === null) {
      menu.addItem({ type: 'separator' });
    } else if (command.fits(cluster)) {
      menu.addItem({ command: command.id, args });
    }
  }
  menu.aboutToClose.connect(() => window.setTimeout(() => menu.dispose()));
  return menu;
}

function runsOf(clusters: IClusters, trans: TranslationBundle): Record<string, Run> {
  const plain = (verb: string) => (cluster: Cluster) => clusters.ask(verb, cluster.cluster_id);
  /** Ask first if notebooks have a seat on it. */
  const careful =
    (verb: string, label: string): Run =>
    async cluster => {
      const seats = cluster.live?.notebooks.length ?? 0;
      const body = trans._n(
        '%1 notebook uses it. Its Python variables live on, its DataFrames have to be made again.',
        '%1 notebooks use it. Their Python variables live on, their DataFrames have to be made again.',
        seats
      );
      if (!seats || (await confirm(`${label} ${nameOf(cluster)}?`, body, label, trans))) {
        await clusters.ask(verb, cluster.cluster_id);
      }
    };
  return {
    [CommandIDs.start]: plain('start'),
    [CommandIDs.restart]: careful('restart', trans.__('Restart')),
    [CommandIDs.terminate]: careful('delete', trans.__('Terminate')),
    [CommandIDs.pin]: plain('pin'),
    [CommandIDs.unpin]: plain('unpin'),
    [CommandIDs.extend]: cluster => clusters.extend(cluster.cluster_id),
    [CommandIDs.resize]: cluster => resize(clusters, cluster, trans),
    [CommandIDs.copyId]: async cluster => Clipboard.copyToSystem(cluster.cluster_id),
    [CommandIDs.remove]: async cluster => {
      const seats = cluster.live?.notebooks.length ?? 0;
      const used = seats ? trans._n('%1 notebook uses it.', '%1 notebooks use it.', seats) : '';
      const runs = UP.includes(cluster.state) ? trans.__('It runs, and ends now.') : '';
      const gone = trans.__('Its definition and its logs go for good; its tables stay on disk.');
      const body = [runs, used, gone].filter(text => text).join(' ');
      if (await confirm(trans.__('Delete %1?', nameOf(cluster)), body, trans.__('Delete'), trans)) {
        await clusters.ask('permanent-delete', cluster.cluster_id);
      }
    }
  };
}

async function confirm(title: string, body: string, label: string, trans: TranslationBundle): Promise<boolean> {
  const buttons = [Dialog.cancelButton({ label: trans.__('Keep') }), Dialog.warnButton({ label })];
  return (await showDialog({ title, body, buttons })).button.accept;
}

async function resize(clusters: IClusters, cluster: Cluster, trans: TranslationBundle): Promise<void> {
  const bounds = cluster.autoscale;
  const now = bounds ? `${bounds.min_workers}-${bounds.max_workers}` : `${cluster.num_workers}`;
  const asked = await InputDialog.getText({
    title: trans.__('Resize %1', nameOf(cluster)),
    label: trans.__('Workers: a number, or a range such as 2-8 to autoscale'),
    text: now,
    pattern: '\\s*\\d+\\s*(-\\s*\\d+\\s*)?',
    okLabel: trans.__('Resize')
  });
  const [low, high] = (asked.value ?? '').split('-').map(Number);
  if (asked.button.accept) {
    const size = high === undefined ? { num_workers: low } : { autoscale: { min_workers: low, max_workers: high } };
    await clusters.ask('resize', cluster.cluster_id, size);
  }
}
