/**
 * Create, edit and clone: the form in a tab of its own.
 */
import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { ICommandPalette, MainAreaWidget } from '@jupyterlab/apputils';
import { ILauncher } from '@jupyterlab/launcher';
import { ISettingRegistry } from '@jupyterlab/settingregistry';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';

import { CommandIDs } from '../commands';
import { clustersIcon } from '../icons';
import type { Cluster, Spec } from '../services/wire';
import { IClusters } from '../tokens';
import { draftOf, freeName, newSpec } from '../views/draft';
import { nameOf } from '../views/words';
import { addClusterCommand } from './commands';

/** The plugin. */
export const formPlugin: JupyterFrontEndPlugin<void> = {
  id: 'jupyter-dbx:form',
  description: 'Create, edit and clone clusters.',
  autoStart: true,
  requires: [IClusters],
  optional: [ICommandPalette, ILauncher, ISettingRegistry, ITranslator],
  activate: (
    app: JupyterFrontEnd,
    clusters: IClusters,
    palette: ICommandPalette | null,
    launcher: ILauncher | null,
    registry: ISettingRegistry | null,
    translator: ITranslator | null
  ) => {
    const trans = (translator ?? nullTranslator).load('jupyter_dbx');

    const settings = registry?.load(formPlugin.id).catch(() => null); // then the form begins with its own defaults

    /** Open a form, or the one that is open for the same purpose. */
    const open = async (purpose: string, title: string, spec: Spec | null, edited?: Cluster) => {
      const id = `jp-dbx-form-${purpose}`;
      const known = [...app.shell.widgets('main')].find(widget => widget.id === id);
      if (known) {
        return app.shell.activateById(id);
      }
      const [catalogue, { ClusterFormWidget }, chosen] = await Promise.all([
        clusters.loadCatalogue(),
        import('../views/ClusterFormWidget'),
        settings
      ]);
      const others = (clusters.all ?? []).filter(cluster => cluster.cluster_id !== edited?.cluster_id);
      const taken = others.map(nameOf);
      const wanted = (chosen?.get('newCluster').composite ?? {}) as Spec;
      const initial = spec ?? {
        spark_version: catalogue.sparkVersion,
        ...newSpec(catalogue.nodeTypes, freeName(taken), wanted)
      };
      const isUp = edited?.state === 'RUNNING';
      const content = new ClusterFormWidget({
        catalogue,
        initial: draftOf(initial, catalogue.nodeTypes),
        taken,
        old: initial,
        trans,
        submitLabel: edited ? (isUp ? trans.__('Save and Restart') : trans.__('Save')) : trans.__('Create'),
        warning: isUp
          ? trans.__('It runs: saving restarts it. Python variables live on, DataFrames have to be made again.')
          : '',
        onSubmit: async wanted => {
          if (edited) {
            await clusters.edit(edited.cluster_id, wanted);
          } else {
            await clusters.create(wanted);
          }
          tab.dispose();
          app.shell.activateById('jp-dbx-clusters');
        },
        onCancel: () => tab.dispose()
      });
      const tab = new MainAreaWidget({ content });
      tab.id = id;
      tab.title.label = title;
      tab.title.icon = clustersIcon;
      tab.title.closable = true;
      app.shell.add(tab, 'main');
      app.shell.activateById(id);
    };

    app.commands.addCommand(CommandIDs.create, {
      label: args => (args.isPalette || args.isMenu ? trans.__('New Cluster…') : trans.__('New Spark Cluster')),
      caption: trans.__('Create a Spark cluster'),
      icon: args => (args.isPalette ? undefined : clustersIcon),
      execute: () => open('new', trans.__('New Cluster'), null)
    });
    const surroundings = { app, clusters, palette, trans };
    addClusterCommand(surroundings, CommandIDs.edit, async cluster => {
      const { spec } = await clusters.get(cluster.cluster_id);
      await open(cluster.cluster_id, trans.__('Edit %1', nameOf(cluster)), spec!, cluster);
    });
    addClusterCommand(surroundings, CommandIDs.clone, async cluster => {
      const { spec } = await clusters.get(cluster.cluster_id);
      const copy = { ...spec!, cluster_name: trans.__('%1 (copy)', nameOf(cluster)) };
      await open(`copy-${cluster.cluster_id}`, trans.__('Clone %1', nameOf(cluster)), copy);
    });
    palette?.addItem({
      command: CommandIDs.create,
      category: trans.__('Spark Clusters'),
      args: { isPalette: true }
    });
    launcher?.add({ command: CommandIDs.create, category: trans.__('Other'), rank: 0 });
  }
};
