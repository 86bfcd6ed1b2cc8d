/**
 * “Share…”: who may use a cluster, in a dialog.
 */
import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { Dialog, ICommandPalette } from '@jupyterlab/apputils';
import { ITranslator, nullTranslator, TranslationBundle } from '@jupyterlab/translation';

import { nameOf } from '../model/cluster';
import { CommandIDs } from '../model/commands';
import type { Cluster } from '../model/wire';
import { Client } from '../services/client';
import { Sharing } from '../services/sharing';
import { IClusters } from '../tokens';
import { addClusterCommand } from './cluster-commands';

/** The plugin. */
export const sharePlugin: JupyterFrontEndPlugin<void> = {
  id: 'jupyter-dbx:share',
  description: 'Permissions on clusters.',
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
    const sharing = new Sharing(new Client(app.serviceManager.serverSettings));
    addClusterCommand({ app, clusters, palette, trans }, CommandIDs.share, cluster => share(cluster, sharing, trans));
  }
};

async function share(cluster: Cluster, sharing: Sharing, trans: TranslationBundle): Promise<void> {
  const { ShareWidget } = await import('../views/share/ShareWidget'); // most pages never show it
  const id = cluster.cluster_id;
  const body = new ShareWidget({
    owner: cluster.creator_user_name,
    trans,
    loadPermissions: () => sharing.permissions(id),
    loadPrincipals: () => sharing.principals(),
    onSave: entries => sharing.save(id, entries),
    onClose: () => dialog.reject()
  });
  const dialog = new FormDialog({
    title: trans.__('Share %1', nameOf(cluster)),
    body,
    buttons: [],
    focusNodeSelector: 'jp-text-field'
  });
  await dialog.launch();
}

/** A dialog whose body has its own buttons, because saving may fail; its keys are the body's, except for Escape and Tab. */
class FormDialog extends Dialog<unknown> {
  protected _evtKeydown(event: KeyboardEvent): void {
    const closesList = event.key === 'Escape' && this.node.querySelector('jp-select[open]');
    if (['Escape', 'Tab'].includes(event.key) && !closesList) {
      super._evtKeydown(event);
    }
  }
}
