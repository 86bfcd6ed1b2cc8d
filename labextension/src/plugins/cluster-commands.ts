/**
 * Commands for one cluster, as every plugin adds them: in the registry, the palette and the menus.
 */
import type { JupyterFrontEnd } from '@jupyterlab/application';
import { ICommandPalette, InputDialog } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';
import { MenuSvg } from '@jupyterlab/ui-components';
import type { ReadonlyPartialJSONObject } from '@lumino/coreutils';

import { nameOf } from '../model/cluster';
import { CLUSTER_COMMANDS, ClusterCommand, CommandIDs } from '../model/commands';
import { lackingLevel, levelName, refusalOf } from '../model/permissions';
import type { Cluster } from '../model/wire';
import type { IClusters } from '../tokens';
import { showError, showWarning } from './notice';

/** What a command does to a cluster; rejects with the error of the request. */
export type Run = (cluster: Cluster, args: ReadonlyPartialJSONObject) => Promise<void>;

/** What the commands need. */
export interface CommandContext {
  app: JupyterFrontEnd;
  clusters: IClusters;
  palette: ICommandPalette | null;
  trans: TranslationBundle;
}

/**
 * Add one of CLUSTER_COMMANDS to the registry, the palette and the rows' menu.
 *
 * `runMissing` is called with the arguments of a cluster that is not in the list.
 */
export function addClusterCommand(
  context: CommandContext,
  id: string,
  run: Run,
  runMissing: (args: ReadonlyPartialJSONObject) => Promise<void> = async () => sayMissing(context.trans)
): void {
  const { app, clusters, palette, trans } = context;
  const command = CLUSTER_COMMANDS.find(known => known?.id === id)!;
  const label = command.label(trans);
  /** Menus show no captions: there, what is lacking belongs to the label. */
  const withNeed = (text: string, cluster?: Cluster) => {
    const level = cluster && lackingLevel(cluster, id);
    return level ? trans.__('%1 (needs %2; ask %3)', text, levelName(level, trans), cluster.creator_user_name) : text;
  };
  /** Without a target, the command is refused if the user may run it for none of the clusters that it is for. */
  const refusal = (args: ReadonlyPartialJSONObject) => {
    const target = targetOf(app, clusters, args);
    const others = args.cluster_id ? [] : (clusters.all ?? []);
    const candidates = target ? [target] : others.filter(command.isAllowed);
    const refusals = candidates.map(cluster => refusalOf(cluster, id, trans));
    return refusals.every(reason => reason) ? (refusals[0] ?? '') : '';
  };
  app.commands.addCommand(id, {
    label: args => (args.isPalette ? trans.__('Cluster: %1', label) : withNeed(label, targetOf(app, clusters, args))),
    caption: args => refusal(args),
    isEnabled: args => !refusal(args),
    isVisible: args => {
      const cluster = targetOf(app, clusters, args);
      return !cluster || command.isAllowed(cluster);
    },
    execute: async args => {
      if (args.cluster_id && !clusters.find(args.cluster_id as string)) {
        return runMissing(args); // not a question which other cluster to take
      }
      const cluster = targetOf(app, clusters, args) ?? (await choose(clusters, command, trans));
      if (cluster) {
        await run(cluster, args).catch((error: Error) => {
          if (args.quiet) {
            throw error; // the caller shows it
          }
          showError(`${nameOf(cluster)}: ${error.message}`);
        });
      }
    }
  });
  palette?.addItem({ command: id, category: trans.__('Spark Clusters'), args: { isPalette: true } });
  app.contextMenu.addItem({ command: id, selector: '.jp-Dbx-row', rank: CLUSTER_COMMANDS.indexOf(command) });
}

/** Return the target of a command: the cluster in its arguments, or the one under the pointer; undefined = neither. */
export function targetOf(
  app: JupyterFrontEnd,
  clusters: IClusters,
  args: ReadonlyPartialJSONObject
): Cluster | undefined {
  const row = args.isPalette ? undefined : app.contextMenuHitTest(node => 'cluster' in node.dataset);
  return clusters.find((args.cluster_id as string) ?? row?.dataset.cluster ?? '');
}

/** Return a menu of all commands that a cluster's state allows. */
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
    } else if (command.isAllowed(cluster)) {
      menu.addItem({ command: command.id, args });
    }
  }
  disposeWhenClosed(menu);
  return menu;
}

/** Return a menu of these commands for a cluster. */
export function menuOf({ commands }: JupyterFrontEnd, { cluster_id }: Cluster, ids: readonly string[]): MenuSvg {
  const menu = new MenuSvg({ commands });
  ids.forEach(command => menu.addItem({ command, args: { cluster_id } }));
  disposeWhenClosed(menu);
  return menu;
}

/** Dispose of a menu after the chosen command has started. */
export function disposeWhenClosed(menu: MenuSvg): void {
  menu.aboutToClose.connect(() => window.setTimeout(() => menu.dispose()));
}

/** Say that the cluster of a command is gone, e.g. of a button in an old notification, which does not tell whose it was. */
function sayMissing(trans: TranslationBundle): void {
  showWarning(trans.__('This cluster no longer exists, or is no longer shared with you.'));
}

/** Return the cluster that the user chooses among those that allow a command; undefined = none. */
async function choose(
  clusters: IClusters,
  command: ClusterCommand,
  trans: TranslationBundle
): Promise<Cluster | undefined> {
  const mayRun = (cluster: Cluster) => !lackingLevel(cluster, command.id);
  const found = (clusters.all ?? []).filter(cluster => command.isAllowed(cluster) && mayRun(cluster));
  if (found.length === 0) {
    showWarning(trans.__('No cluster is in a state that allows this command.'));
    return undefined;
  }
  const items = found.map(cluster => `${nameOf(cluster)} (${cluster.cluster_id})`);
  const title = command.label(trans);
  const chosen = await InputDialog.getItem({ title, items, label: trans.__('Cluster') });
  return chosen.button.accept ? found[items.indexOf(chosen.value ?? '')] : undefined;
}
