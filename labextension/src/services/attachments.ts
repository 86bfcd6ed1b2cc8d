/**
 * Which cluster a notebook's kernel wants, and asking the kernel for another one.
 */
import type { Kernel, KernelMessage } from '@jupyterlab/services';

import { ApiError, Client } from './client';

/** Name of the kernelspec whose kernels can be attached. */
export const OUR_KERNEL = 'jupyter-dbx';

/** The comm that our kernels answer. */
const TARGET = 'jupyter_dbx';

/** How long a kernel may take to answer, ms: while a cell runs, some front ends let it answer only afterwards. */
const PATIENCE_MS = 15_000;

/** What a kernel can be asked for. */
export type Wish = { op: 'attach'; cluster_id: string } | { op: 'detach' } | { op: 'reattach' };

/** The service. */
export class Attachments {
  constructor(private readonly client: Client) {}

  /** Return the id of the cluster that a kernel's notebook wants, or "". */
  async clusterOf(kernelId: string): Promise<string> {
    const { cluster_id } = await this.client.get<{ cluster_id: string }>(`dbx/kernels/${encodeURIComponent(kernelId)}`);
    return cluster_id;
  }

  /** Let a kernel do what is wished; fulfilled once it has answered that it did. */
  async ask(kernel: Kernel.IKernelConnection, wish: Wish): Promise<void> {
    const comm = kernel.createComm(TARGET);
    const answer = await new Promise<{ refused?: string }>((resolve, reject) => {
      const timer = window.setTimeout(
        () => reject(new ApiError('The kernel does not answer: it may be busy.', 'UNREACHABLE', 0)),
        PATIENCE_MS
      );
      comm.onMsg = (message: KernelMessage.ICommMsgMsg) => {
        window.clearTimeout(timer);
        resolve(message.content.data as { refused?: string });
      };
      comm.open(wish as never);
    }).finally(() => {
      if (!comm.isDisposed) {
        comm.close();
      }
    });
    if (answer.refused) {
      throw new ApiError(answer.refused, 'REFUSED', 400);
    }
  }
}
