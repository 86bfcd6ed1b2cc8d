/**
 * Tells what happens to clusters while nobody looks: up, failed, about to end, driver started anew.
 */
import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { Notification } from '@jupyterlab/apputils';
import { ISettingRegistry } from '@jupyterlab/settingregistry';
import { ITranslator, nullTranslator, TranslationBundle } from '@jupyterlab/translation';

import { CommandIDs } from '../commands';
import type { Cluster } from '../services/wire';
import { IClusters } from '../tokens';
import { Notice, noticesOf } from '../views/notices';

/** How long good news stay, ms; bad ones stay until they are read. */
const GOOD_NEWS_MS = 6_000;

/** The plugin. */
export const noticesPlugin: JupyterFrontEndPlugin<void> = {
  id: 'jupyter-dbx:notices',
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
    const settings = await registry?.load(noticesPlugin.id).catch(() => null); // then everything is told
    let before: readonly Cluster[] | null = null;
    let beforeMs = 0;
    /** cluster id → the warning of its end that is shown */
    const warnings = new Map<string, string>();
    clusters.changed.connect(() => {
      const { all } = clusters;
      if (before && all) {
        for (const notice of noticesOf(before, all, beforeMs, Date.now(), trans)) {
          // That others' clusters are up is seen by those who look.
          const isOurs = notice.kind !== 'up' || clusters.isAsked(notice.cluster.cluster_id);
          if (isOurs && isWanted(notice, settings?.get('show').composite)) {
            show(app, notice, warnings, trans);
          }
        }
      }
      before = all ?? before;
      beforeMs = Date.now();
    });
  }
};

/** Return whether somebody who set this wants to be told. */
function isWanted({ kind }: Notice, setting: unknown): boolean {
  const isProblem = ['failed', 'ending', 'extended', 'healed'].includes(kind);
  return setting !== 'none' && (setting !== 'problems' || isProblem);
}

function show(app: JupyterFrontEnd, notice: Notice, warnings: Map<string, string>, trans: TranslationBundle): void {
  const { cluster, kind, message } = notice;
  const args = { cluster_id: cluster.cluster_id };
  const known = warnings.get(cluster.cluster_id);
  if (known) {
    Notification.dismiss(known);
    warnings.delete(cluster.cluster_id);
  }
  const run = (command: string) => () => void app.commands.execute(command, args);
  if (kind === 'ending') {
    const actions = [{ label: trans.__('Extend'), callback: run(CommandIDs.extend) }];
    warnings.set(cluster.cluster_id, Notification.warning(message, { autoClose: false, actions }));
  } else if (kind === 'failed' || kind === 'healed') {
    const actions = [{ label: trans.__('Open'), callback: run(CommandIDs.openPage) }];
    const emit = kind === 'failed' ? Notification.error : Notification.warning;
    emit(message, { autoClose: false, actions });
  } else if (kind === 'up' || kind === 'ended') {
    Notification.info(message, { autoClose: GOOD_NEWS_MS });
  }
}
