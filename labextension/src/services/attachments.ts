/**
 * The cluster that each kernel's notebook uses. The server stores it, and makes kernels leave other clusters.
 */
import { ISignal, Signal } from '@lumino/signaling';

import type { Client } from './client';
import { CLUSTERS_CHANGED, EventStream } from './clusters';

/** The service. */
export class Attachments {
  constructor(
    private readonly client: Client,
    stream: EventStream
  ) {
    stream.connect((_, { schema_id }) => schema_id === CLUSTERS_CHANGED && this._changed.emit());
  }

  /** Emitted when attachments may have changed, also by other pages, by kernels and by programs. */
  get changed(): ISignal<this, void> {
    return this._changed;
  }

  /** Return the id of the cluster that a notebook uses; "" = none. `saved` is the cluster in its file, by id or name, or "". */
  async clusterOf(kernelId: string, saved: string): Promise<string> {
    const path = `${pathOf(kernelId)}?candidate=${encodeURIComponent(saved)}`;
    return (await this.client.get<{ cluster_id: string }>(path)).cluster_id;
  }

  /** Attach a notebook; its kernel leaves another cluster as soon as no cell is running. */
  async attach(kernelId: string, clusterId: string): Promise<void> {
    await this.client.put(`${pathOf(kernelId)}/cluster`, { cluster: clusterId });
  }

  /** Detach a notebook. `path` tells which one the kernel of another server has. */
  async detach(kernelId: string, path = ''): Promise<void> {
    await this.client.delete(`${pathOf(kernelId)}/cluster?path=${encodeURIComponent(path)}`);
  }

  private readonly _changed = new Signal<this, void>(this);
}

function pathOf(kernelId: string): string {
  return `dbx/kernels/${encodeURIComponent(kernelId)}`;
}
