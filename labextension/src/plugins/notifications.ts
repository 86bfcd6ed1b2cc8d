/**
 * Notifications about clusters: running, failed, about to terminate, driver restarted.
 */
import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { Notification } from '@jupyterlab/apputils';
import { ISettingRegistry } from '@jupyterlab/settingregistry';
import { ITranslator, nullTranslator, TranslationBundle } from '@jupyterlab/translation';

import { CommandIDs } from '../model/commands';
import { ClusterNotification, notificationsOf } from '../model/notifications';
import { refusalOf } from '../model/permissions';
import type { Cluster } from '../model/wire';
import { IClusters } from '../tokens';

/** Time after which an information closes, ms; warnings and errors stay open. */
const INFO_MS = 6_000;

/** The plugin. */
export const notificationsPlugin: JupyterFrontEndPlugin<void> = {
  id: 'jupyter-dbx:notifications',
  description: 'Notifications about clusters.',
  autoStart: true,
  requires: [IClusters],
  optional: [ISettingRegistry, ITranslator],
  activate: async (
    app: JupyterFrontEnd,
    clusters: IClusters,
    registry: ISettingRegistry | null,
    translator: ITranslator | null
  ) => {
    const trans = (translator ?? nullTranslator).load('jupyter_dbx');
    const settings = await registry?.load(notificationsPlugin.id).catch(() => null); // without them, all are shown
    let before: readonly Cluster[] | null = null;
    let beforeMs = 0;
    /** cluster id → its open warning */
    const warnings = new Map<string, string>();
    clusters.changed.connect(() => {
      const { all } = clusters;
      if (before && all) {
        for (const notification of notificationsOf(before, all, beforeMs, Date.now(), trans)) {
          // That a cluster is running concerns only the page that has started it.
          const isOurs = notification.kind !== 'up' || clusters.isRequestedHere(notification.cluster.cluster_id);
          if (isOurs && isWanted(notification, settings?.get('show').composite)) {
            show(app, notification, warnings, trans);
          }
        }
      }
      before = all ?? before;
      beforeMs = Date.now();
    });
  }
};

/** Return whether the user's setting includes a notification. */
function isWanted({ kind }: ClusterNotification, setting: unknown): boolean {
  const isProblem = ['failed', 'terminating-soon', 'extended', 'driver-restarted'].includes(kind);
  return setting !== 'none' && (setting !== 'problems' || isProblem);
}

function show(
  app: JupyterFrontEnd,
  { cluster, kind, message }: ClusterNotification,
  warnings: Map<string, string>,
  trans: TranslationBundle
): void {
  const args = { cluster_id: cluster.cluster_id };
  const open = warnings.get(cluster.cluster_id);
  if (open) {
    Notification.dismiss(open);
    warnings.delete(cluster.cluster_id);
  }
  const run = (command: string) => () => void app.commands.execute(command, args);
  if (kind === 'terminating-soon') {
    const mayExtend = !refusalOf(cluster, CommandIDs.extend, trans);
    const actions = mayExtend ? [{ label: trans.__('Extend'), callback: run(CommandIDs.extend) }] : [];
    warnings.set(cluster.cluster_id, Notification.warning(message, { autoClose: false, actions }));
  } else if (kind === 'failed' || kind === 'driver-restarted') {
    const actions = [{ label: trans.__('Open'), callback: run(CommandIDs.openPage) }];
    const emit = kind === 'failed' ? Notification.error : Notification.warning;
    emit(message, { autoClose: false, actions });
  } else if (kind === 'up' || kind === 'terminated') {
    Notification.info(message, { autoClose: INFO_MS });
  }
}
