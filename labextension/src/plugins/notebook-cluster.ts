/**
 * The cluster that one open notebook is attached to.
 */
import type { NotebookPanel } from '@jupyterlab/notebook';
import type { Kernel } from '@jupyterlab/services';
import type { TranslationBundle } from '@jupyterlab/translation';
import { ISignal, Signal } from '@lumino/signaling';

import type { Cluster } from '../model/wire';
import type { Attachments } from '../services/attachments';
import { OUR_KERNEL, requestKernel } from '../services/kernels';
import type { IClusters } from '../tokens';
import type { PickerState } from '../views/picker/PickerWidget';
import { showError } from './notice';

/** Key of the notebook's metadata that saves the cluster, for when the notebook is opened elsewhere. */
const METADATA = 'jupyter_dbx';

/** What the user can request. */
export type AttachmentRequest = { op: 'attach'; clusterId: string } | { op: 'detach' } | { op: 'reattach' };

/** Follows the notebook and its kernel, and reports the state of the picker. */
export class NotebookCluster {
  constructor(
    private readonly panel: NotebookPanel,
    private readonly clusters: IClusters,
    private readonly attachments: Attachments,
    private readonly trans: TranslationBundle
  ) {
    clusters.changed.connect(this.report, this);
    panel.sessionContext.kernelChanged.connect(() => void this.refresh());
    panel.sessionContext.statusChanged.connect(this.onStatus, this);
    attachments.changed.connect(this.onChanged, this);
    panel.disposed.connect(() => {
      clusters.changed.disconnect(this.report, this);
      attachments.changed.disconnect(this.onChanged, this);
      Signal.clearData(this);
    });
  }

  /** Emitted when what the picker shows may have changed. */
  get changed(): ISignal<this, PickerState> {
    return this._changed;
  }

  /** Id of the cluster that the notebook uses; "" = none. */
  clusterId = '';

  get hasOurKernel(): boolean {
    return this.panel.sessionContext.session?.kernel?.name === OUR_KERNEL;
  }

  get cluster(): Cluster | undefined {
    return this.clusters.find(this.clusterId);
  }

  /** Query the cluster that the notebook uses, and report it. */
  async refresh(): Promise<void> {
    const kernel = this.panel.sessionContext.session?.kernel;
    if (kernel && this.hasOurKernel) {
      const count = ++this.queries;
      // While the server is not responding, the last state stays; the side panel shows the problem.
      const found = await this.attachments.clusterOf(kernel.id, this.savedCluster).catch(() => this.clusterId);
      if (count !== this.queries) {
        return; // a later query knows more
      }
      this.clusterId = found;
    }
    if (!this.panel.isDisposed) {
      this.report();
    }
  }

  /** Carry out a request, and save the resulting cluster in the notebook; return whether it succeeded. */
  async request(request: AttachmentRequest): Promise<boolean> {
    const kernel = this.panel.sessionContext.session?.kernel;
    if (!kernel) {
      return false;
    }
    this.pending = request.op === 'detach' ? this.trans.__('Detaching…') : this.trans.__('Attaching…');
    this.report();
    try {
      await this.carryOut(request, kernel);
      return true;
    } catch (error) {
      showError((error as Error).message);
      return false;
    } finally {
      this.pending = '';
      await this.refresh();
    }
  }

  private async carryOut(request: AttachmentRequest, kernel: Kernel.IKernelConnection): Promise<void> {
    if (request.op === 'reattach') {
      await requestKernel(kernel, request);
    } else if (request.op === 'detach') {
      await this.attachments.detach(kernel.id);
      this.panel.model?.deleteMetadata(METADATA);
    } else {
      if (this.clusters.find(request.clusterId)?.state === 'TERMINATED') {
        await this.clusters.request('start', request.clusterId);
      }
      await this.attachments.attach(kernel.id, request.clusterId);
      this.panel.model?.setMetadata(METADATA, { cluster_id: request.clusterId });
    }
  }

  /** The cluster in the notebook's metadata, by id or name; "" = none. */
  private get savedCluster(): string {
    const saved = this.panel.model?.getMetadata(METADATA) as { cluster_id?: unknown } | undefined;
    return typeof saved?.cluster_id === 'string' ? saved.cluster_id : '';
  }

  private onChanged(): void {
    if (this.panel.isVisible) {
      void this.refresh(); // others are refreshed when the user goes to them
    }
  }

  private onStatus(_: unknown, status: string): void {
    if (status === 'idle') {
      void this.refresh(); // a cell may have attached another cluster
    }
  }

  private report(): void {
    const cluster = this.cluster ?? null;
    const isGone = !cluster && this.clusterId !== '' && this.clusters.all !== null;
    this._changed.emit({ isShown: this.hasOurKernel, cluster, isGone, pending: this.pending });
  }

  private readonly _changed = new Signal<this, PickerState>(this);
  /** number of queries so far */
  private queries = 0;
  /** text of the request that is running; "" = none */
  private pending = '';
}
