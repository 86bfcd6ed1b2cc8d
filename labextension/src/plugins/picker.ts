/**
 * The cluster picker in the toolbar of notebooks.
 */
import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { ICommandPalette, IToolbarWidgetRegistry, Notification } from '@jupyterlab/apputils';
import { INotebookTracker, NotebookPanel } from '@jupyterlab/notebook';
import { ITranslator, nullTranslator, TranslationBundle } from '@jupyterlab/translation';
import { MenuSvg } from '@jupyterlab/ui-components';
import type { ReadonlyPartialJSONObject } from '@lumino/coreutils';

import { CommandIDs } from '../commands';
import { askDistantKernel, askKernel, Attachments, OUR_KERNEL, Wish } from '../services/attachments';
import { Client } from '../services/client';
import type { Cluster } from '../services/wire';
import { IClusters } from '../tokens';
import { Picker, PickerState } from '../views/Picker';
import { nameOf, stateWord } from '../views/words';
import { targetOf } from './commands';

/** Where a notebook keeps its choice, for those who open it elsewhere. */
const METADATA = 'jupyter_dbx';

/** The plugin. */
export const pickerPlugin: JupyterFrontEndPlugin<void> = {
  id: 'jupyter-dbx:picker',
  description: 'The cluster picker in the toolbar of notebooks.',
  autoStart: true,
  requires: [IClusters, INotebookTracker, IToolbarWidgetRegistry],
  optional: [ICommandPalette, ITranslator],
  activate: (
    app: JupyterFrontEnd,
    clusters: IClusters,
    notebooks: INotebookTracker,
    toolbars: IToolbarWidgetRegistry,
    palette: ICommandPalette | null,
    translator: ITranslator | null
  ) => {
    const trans = (translator ?? nullTranslator).load('jupyter_dbx');
    const attachments = new Attachments(new Client(app.serviceManager.serverSettings));
    const choices = new WeakMap<NotebookPanel, Choice>();
    toolbars.addFactory<NotebookPanel>('Notebook', 'dbx-cluster', panel => {
      const choice = new Choice(panel, clusters, attachments, trans);
      choices.set(panel, choice);
      const picker = new Picker(trans, (x, y) => menuOf(app, choice, clusters, trans).open(x, y));
      choice.show = state => (picker.state = state);
      void choice.look();
      return picker;
    });
    const current = () => notebooks.currentWidget && choices.get(notebooks.currentWidget);
    const add = (id: string, label: string, wishOf: (args: ReadonlyPartialJSONObject) => Wish | null) => {
      app.commands.addCommand(id, {
        label: args => (args.label as string) ?? label,
        isEnabled: () => !!current()?.isOurs,
        isToggled: args => !!args.cluster_id && args.cluster_id === current()?.clusterId,
        execute: args => {
          const wish = wishOf(args);
          return wish && current()?.wish(wish);
        }
      });
    };
    add(CommandIDs.attach, trans.__('Attach the Notebook in Front'), args => {
      const cluster = targetOf(app, clusters, args);
      return cluster ? { op: 'attach', cluster_id: cluster.cluster_id } : null;
    });
    app.commands.addCommand(CommandIDs.detach, {
      label: trans.__('Detach'),
      isEnabled: args => !!args.kernel_id || !!current()?.isOurs,
      execute: ({ kernel_id }) => {
        const panel = kernel_id && notebooks.find(open => open.sessionContext.session?.kernel?.id === kernel_id);
        const choice = panel ? choices.get(panel) : current();
        return kernel_id && !panel
          ? askDistantKernel(app.serviceManager.kernels, kernel_id as string, { op: 'detach' }).catch(error =>
              Notification.error(error.message)
            )
          : choice?.wish({ op: 'detach' });
      }
    });
    add(CommandIDs.reattach, trans.__('Detach and Re-attach'), () => ({ op: 'reattach' }));
    app.contextMenu.addItem({ command: CommandIDs.attach, selector: '.jp-Dbx-row', rank: -1 });
    for (const command of [CommandIDs.detach, CommandIDs.reattach]) {
      palette?.addItem({ command, category: trans.__('Spark Clusters') });
    }
  }
};

/** One notebook's choice of a cluster, kept up to date. */
class Choice {
  constructor(
    private readonly panel: NotebookPanel,
    private readonly clusters: IClusters,
    private readonly attachments: Attachments,
    private readonly trans: TranslationBundle
  ) {
    clusters.changed.connect(this.render, this);
    panel.sessionContext.kernelChanged.connect(() => void this.look());
    panel.sessionContext.statusChanged.connect(this.onStatus, this);
    panel.disposed.connect(() => clusters.changed.disconnect(this.render, this));
  }

  /** Shows the picker's state. */
  show: (state: PickerState) => void = () => undefined;

  /** Id of the attached cluster, or "". */
  clusterId = '';

  get isOurs(): boolean {
    return this.panel.sessionContext.session?.kernel?.name === OUR_KERNEL;
  }

  get cluster(): Cluster | undefined {
    return this.clusters.find(this.clusterId);
  }

  /** Ask which cluster it is, and show it. */
  async look(): Promise<void> {
    const kernel = this.panel.sessionContext.session?.kernel;
    if (kernel && this.isOurs) {
      // A server that is away for a moment is no news: the panel says so.
      this.clusterId = await this.attachments.clusterOf(kernel.id).catch(() => this.clusterId);
    }
    if (!this.panel.isDisposed) {
      this.clusterId ||= this.kept;
      this.render();
    }
  }

  /** Let the kernel do what is wished, and keep the choice in the notebook. */
  async wish(wish: Wish): Promise<void> {
    const kernel = this.panel.sessionContext.session?.kernel;
    if (!kernel) {
      return;
    }
    this.doing = wish.op === 'detach' ? this.trans.__('Detaching …') : this.trans.__('Attaching …');
    this.render();
    try {
      if (wish.op === 'attach' && this.clusters.find(wish.cluster_id)?.state === 'TERMINATED') {
        await this.clusters.ask('start', wish.cluster_id);
      }
      await askKernel(kernel, wish);
      if (wish.op !== 'reattach') {
        this.clusterId = wish.op === 'attach' ? wish.cluster_id : '';
        this.keep();
      }
    } catch (error) {
      Notification.error((error as Error).message);
    } finally {
      this.doing = '';
      await this.look();
    }
  }

  private get kept(): string {
    const kept = this.panel.model?.getMetadata(METADATA);
    return kept?.cluster_id ?? '';
  }

  private keep(): void {
    if (this.clusterId) {
      this.panel.model?.setMetadata(METADATA, { cluster_id: this.clusterId });
    } else {
      this.panel.model?.deleteMetadata(METADATA);
    }
  }

  private onStatus(_: unknown, status: string): void {
    if (status === 'idle') {
      void this.look(); // a cell may have chosen another one
    }
  }

  private render(): void {
    const cluster = this.cluster ?? null;
    const gone = !cluster && this.clusterId !== '' && this.clusters.all !== null;
    this.show({ shown: this.isOurs, cluster, gone, doing: this.doing });
  }

  private doing = '';
}

function menuOf(
  { commands }: JupyterFrontEnd,
  choice: Choice,
  clusters: IClusters,
  trans: TranslationBundle
): MenuSvg {
  const menu = new MenuSvg({ commands });
  menu.addClass('jp-Dbx-menu');
  const separator = () => menu.addItem({ type: 'separator' });
  const offer = (cluster: Cluster) => {
    const verb = cluster.state === 'TERMINATED' ? trans.__('start and attach') : stateWord(cluster.state, trans);
    const args = { cluster_id: cluster.cluster_id, label: `${nameOf(cluster)} (${verb})` };
    menu.addItem({ command: CommandIDs.attach, args });
  };
  const all = (clusters.all ?? []).filter(cluster => !['TERMINATING', 'ERROR'].includes(cluster.state));
  all.filter(cluster => cluster.state !== 'TERMINATED').forEach(offer);
  separator();
  all.filter(cluster => cluster.state === 'TERMINATED').slice(0, 10).forEach(offer);
  separator();
  const { cluster } = choice;
  if (choice.clusterId) {
    menu.addItem({ command: CommandIDs.reattach });
    menu.addItem({ command: CommandIDs.detach });
    separator();
  }
  if (cluster) {
    const args = { cluster_id: cluster.cluster_id };
    menu.addItem({ command: CommandIDs.openPage, args });
    if (cluster.spark_ui_url) {
      menu.addItem({ command: CommandIDs.openSparkUi, args });
    }
    if (cluster.state === 'RUNNING') {
      menu.addItem({ command: CommandIDs.restart, args });
    }
    separator();
  }
  menu.addItem({ command: CommandIDs.create, args: { isMenu: true } });
  menu.aboutToClose.connect(() => window.setTimeout(() => menu.dispose())); // after what was chosen has run
  return menu;
}
