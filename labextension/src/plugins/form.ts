/**
 * Create, edit and clone: the form in a tab of its own.
 */
import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { ICommandPalette, MainAreaWidget } from '@jupyterlab/apputils';
import { ILauncher } from '@jupyterlab/launcher';
import { ISettingRegistry } from '@jupyterlab/settingregistry';
import { ITranslator, nullTranslator, TranslationBundle } from '@jupyterlab/translation';

import { clustersIcon } from '../icons';
import type { Catalogue } from '../model/catalogue';
import { nameOf } from '../model/cluster';
import { CommandIDs } from '../model/commands';
import { demandOf, draftOf, freeName, newSpec } from '../model/draft';
import type { Cluster, Spec } from '../model/wire';
import { IClusters } from '../tokens';
import { addClusterCommand } from './cluster-commands';

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
    const settings = registry?.load(formPlugin.id).catch(() => null); // without them, the form has its own defaults
    const loadDefaults = async () => ((await settings)?.get('newCluster').composite ?? {}) as Spec;
    const form = new FormTabs(app, clusters, loadDefaults, trans);
    app.commands.addCommand(CommandIDs.create, {
      label: args => (args.isPalette || args.isMenu ? trans.__('Create Cluster…') : trans.__('Create Spark Cluster')),
      caption: trans.__('Create a Spark cluster'),
      icon: args => (args.isPalette ? undefined : clustersIcon),
      execute: () => form.open({ purpose: 'new', title: trans.__('Create Cluster') })
    });
    const context = { app, clusters, palette, trans };
    addClusterCommand(context, CommandIDs.edit, async edited => {
      const { spec } = await clusters.get(edited.cluster_id);
      await form.open({ purpose: edited.cluster_id, title: trans.__('Edit %1', nameOf(edited)), spec, edited });
    });
    addClusterCommand(context, CommandIDs.clone, async cluster => {
      const { spec } = await clusters.get(cluster.cluster_id);
      const copy = { ...spec!, cluster_name: trans.__('%1 (copy)', nameOf(cluster)) };
      const title = trans.__('Clone %1', nameOf(cluster));
      await form.open({ purpose: `copy-${cluster.cluster_id}`, title, spec: copy });
    });
    palette?.addItem({
      command: CommandIDs.create,
      category: trans.__('Spark Clusters'),
      args: { isPalette: true }
    });
    launcher?.add({ command: CommandIDs.create, category: trans.__('Other'), rank: 0 });
  }
};

/** What a form is opened for. */
interface Task {
  /** forms are reused for the same purpose */
  purpose: string;
  title: string;
  /** absent = that of a new cluster */
  spec?: Spec;
  /** absent = a cluster is created */
  edited?: Cluster;
}

/** Opens forms in tabs. */
class FormTabs {
  constructor(
    private readonly app: JupyterFrontEnd,
    private readonly clusters: IClusters,
    private readonly loadDefaults: () => Promise<Spec>,
    private readonly trans: TranslationBundle
  ) {}

  /** Open a form, or the one that is already open for the same purpose. */
  async open(task: Task): Promise<void> {
    const { shell } = this.app;
    const id = `jp-dbx-form-${task.purpose}`;
    if (![...shell.widgets('main')].some(widget => widget.id === id)) {
      const tab = await this.make(task);
      tab.id = id;
      shell.add(tab, 'main');
    }
    shell.activateById(id);
  }

  private async make({ title, spec, edited }: Task): Promise<MainAreaWidget> {
    const { clusters, trans } = this;
    const [catalogue, { ClusterFormWidget }, defaults] = await Promise.all([
      clusters.loadCatalogue(),
      import('../views/form/ClusterFormWidget'),
      this.loadDefaults()
    ]);
    const others = (clusters.all ?? []).filter(cluster => cluster.cluster_id !== edited?.cluster_id);
    const taken = others.map(nameOf);
    const initial = spec ?? initialSpec(catalogue, taken, defaults);
    const draft = draftOf(initial, catalogue.nodeTypes);
    const isUp = edited?.state === 'RUNNING';
    const saveLabel = isUp ? trans.__('Save and restart') : trans.__('Save');
    const content = new ClusterFormWidget({
      catalogue,
      initial: draft,
      taken,
      held: edited && edited.state !== 'TERMINATED' ? (demandOf(draft, catalogue.nodeTypes)[0] ?? null) : null,
      startsNodes: edited?.state !== 'TERMINATED',
      old: initial,
      trans,
      submitLabel: edited ? saveLabel : trans.__('Create'),
      warning: isUp
        ? trans.__('Saving restarts this cluster. Python variables are kept; DataFrames must be created again.')
        : '',
      onSubmit: async wanted => {
        const cluster_id = edited ? edited.cluster_id : await clusters.create(wanted);
        if (edited) {
          await clusters.edit(cluster_id, wanted);
        }
        tab.dispose();
        await this.app.commands.execute(CommandIDs.openPage, { cluster_id });
      },
      onCancel: () => tab.dispose()
    });
    const tab = new MainAreaWidget({ content });
    tab.title.label = title;
    tab.title.icon = clustersIcon;
    tab.title.closable = true;
    tab.toolbar.hide(); // it is empty
    return tab;
  }
}

function initialSpec(catalogue: Catalogue, taken: readonly string[], defaults: Spec): Spec {
  return { spark_version: catalogue.sparkVersion, ...newSpec(catalogue.nodeTypes, freeName(taken), defaults) };
}
