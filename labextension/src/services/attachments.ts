/**
 * Which cluster a notebook's kernel wants, and what kernels can be asked for.
 */
import type { Kernel, KernelMessage } from '@jupyterlab/services';
import { UUID } from '@lumino/coreutils';

import { ApiError, Client } from './client';

/** Name of the kernelspec whose kernels can be attached. */
export const OUR_KERNEL = 'jupyter-dbx';

/** The comm that our kernels answer. */
const TARGET = 'jupyter_dbx';

/** How long a kernel may take to answer, ms: while a cell runs, some front ends let it answer only afterwards. */
const PATIENCE_MS = 15_000;

/** What a kernel can be asked for. */
export type Wish =
  | { op: 'attach'; cluster_id: string }
  | { op: 'detach' }
  | { op: 'reattach' }
  | { op: 'cancel' }
  | { op: 'progress'; run: string }
  | { op: 'table_more'; table: string; offset: number }
  | { op: 'table_profile'; table: string }
  | { op: 'table_download'; table: string; rows: number };

/** What a kernel answers to a wish. */
interface Answer {
  id: string;
  refused?: string;
  granted?: object;
}

/** A kernel's comm, and who waits for an answer on it. */
interface Line {
  comm: Kernel.IComm;
  waiting: Map<string, (answer: Answer) => void>;
}

const lines = new WeakMap<Kernel.IKernelConnection, Promise<Line>>();

/** Let a kernel do what is wished; fulfilled with its answer once it has done so, which may take `patienceMs`. */
export async function askKernel(
  kernel: Kernel.IKernelConnection,
  wish: Wish,
  patienceMs: number = PATIENCE_MS
): Promise<object> {
  const { comm, waiting } = await lineTo(kernel);
  const id = UUID.uuid4();
  const answer = await new Promise<Answer>((resolve, reject) => {
    const tell = () => reject(new ApiError('The kernel does not answer: it may be busy.', 'UNREACHABLE', 0));
    const timer = window.setTimeout(tell, patienceMs);
    waiting.set(id, found => {
      window.clearTimeout(timer);
      resolve(found);
    });
    comm.send({ ...wish, id });
  }).finally(() => waiting.delete(id));
  if (answer.refused) {
    throw new ApiError(answer.refused, 'REFUSED', 400);
  }
  return answer.granted ?? {};
}

/** Let a kernel do what is wished, whose notebook need not be open here. */
export async function askDistantKernel(kernels: Kernel.IManager, id: string, wish: Wish): Promise<void> {
  const model = await kernels.findById(id);
  if (!model) {
    throw new ApiError('Its kernel cannot be asked from here: another server started it.', 'UNREACHABLE', 0);
  }
  const kernel = kernels.connectTo({ model });
  await askKernel(kernel, wish).finally(() => kernel.dispose());
}

/** Return the comm to a kernel. It is kept, because to end one's subshell makes ipykernel complain below the cell. */
async function lineTo(kernel: Kernel.IKernelConnection): Promise<Line> {
  const known = await lines.get(kernel);
  if (known && !known.comm.isDisposed) {
    return known;
  }
  const opening = openLine(kernel);
  lines.set(kernel, opening);
  return opening;
}

async function openLine(kernel: Kernel.IKernelConnection): Promise<Line> {
  const comm = kernel.createComm(TARGET);
  const waiting: Line['waiting'] = new Map();
  comm.onMsg = (message: KernelMessage.ICommMsgMsg) => {
    const answer = message.content.data as unknown as Answer;
    waiting.get(answer.id)?.(answer);
  };
  if (kernel.supportsSubshells) {
    // Of its own, which answers also while a cell runs; the interface does not tell of it.
    await (comm as { subshellStarted?: Promise<void> }).subshellStarted;
  }
  comm.open();
  return { comm, waiting };
}

/** The service. */
export class Attachments {
  constructor(private readonly client: Client) {}

  /** Return the id of the cluster that a kernel's notebook wants, or "". */
  async clusterOf(kernelId: string): Promise<string> {
    const { cluster_id } = await this.client.get<{ cluster_id: string }>(`dbx/kernels/${encodeURIComponent(kernelId)}`);
    return cluster_id;
  }
}
