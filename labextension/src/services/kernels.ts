/**
 * Requests to kernels, on their control channel: a kernel responds there while cells run, also to a page just loaded.
 */
import { Kernel, KernelMessage } from '@jupyterlab/services';
import { UUID } from '@lumino/coreutils';

import { ApiError } from '../model/errors';
import type { KernelRequest, RequestOptions } from '../model/kernelRequests';

/** Name of our kernelspec. */
export const OUR_KERNEL = 'jupyter-dbx';

/** Type of the messages with requests; only our kernels know it. */
const REQUEST = 'dbx_request';

/** Time that a kernel has to respond, ms. */
const TIMEOUT_MS = 15_000;

/** A kernel's response, or a part of it. */
interface KernelResponse {
  /** what a part of the response says about itself; more follow */
  part?: object;
  /** message of an error */
  error?: string;
  /** result */
  result?: object;
}

/**
 * Send a request to a kernel; return its result once it has completed the request.
 *
 * `timeoutMs` is the time until the response, or its next part. `options` are for requests about tables.
 */
export async function requestKernel(
  kernel: Kernel.IKernelConnection,
  request: KernelRequest,
  timeoutMs: number = TIMEOUT_MS,
  options: RequestOptions = {}
): Promise<object> {
  // Until the main shell has been idle, JupyterLab may hold back for 3 s what it sends; not on another connection.
  const isOpen = await isFulfilled(kernel.info);
  const connection = isOpen ? kernel : kernel.clone({ handleComms: false });
  const id = UUID.uuid4();
  options.signal?.addEventListener('abort', () => {
    void requestKernel(kernel, { op: 'table_cancel', request: id }).catch(() => undefined);
  });
  const response = await send(connection, { ...request, id }, timeoutMs, options).finally(
    () => !isOpen && connection.dispose()
  );
  if (response.error) {
    throw new ApiError(response.error, { code: 'REFUSED', status: 400 });
  }
  return response.result ?? {};
}

async function send(
  kernel: Kernel.IKernelConnection,
  request: KernelRequest & { id: string },
  timeoutMs: number,
  { signal, onPart }: RequestOptions
): Promise<KernelResponse> {
  await connected(kernel, timeoutMs);
  const message = KernelMessage.createMessage({
    // JupyterLab declares only the types that it sends itself.
    msgType: REQUEST as 'debug_request',
    channel: 'control',
    session: kernel.clientId,
    username: kernel.username,
    content: request as unknown as KernelMessage.IDebugRequestMsg['content']
  });
  const future = kernel.sendControlMessage(message, true);
  let timer = 0;
  return new Promise<KernelResponse>((resolve, reject) => {
    const wait = () => {
      window.clearTimeout(timer);
      timer = window.setTimeout(() => reject(unreachable()), timeoutMs);
    };
    wait();
    signal?.addEventListener('abort', () => reject(new ApiError('Cancelled.', { code: 'CANCELLED', status: 0 })));
    future.onReply = reply => {
      const response = reply.content as unknown as KernelResponse;
      if (response.part) {
        wait();
        onPart?.(response.part, bytesOf(reply.buffers?.[0]));
      } else {
        resolve(response);
      }
    };
  }).finally(() => {
    window.clearTimeout(timer);
    future.dispose();
  });
}

async function connected(kernel: Kernel.IKernelConnection, timeoutMs: number): Promise<void> {
  if (kernel.connectionStatus === 'connected') {
    return;
  }
  await new Promise<void>((resolve, reject) => {
    const onStatus = (_: unknown, status: Kernel.ConnectionStatus) => status === 'connected' && end(resolve);
    const timer = window.setTimeout(() => end(() => reject(unreachable())), timeoutMs);
    const end = (then: () => void) => {
      window.clearTimeout(timer);
      kernel.connectionStatusChanged.disconnect(onStatus);
      then();
    };
    kernel.connectionStatusChanged.connect(onStatus);
  });
}

/** Return whether a promise is already fulfilled. */
async function isFulfilled(promise: Promise<unknown>): Promise<boolean> {
  const known = promise.then(
    () => true,
    () => false
  );
  return Promise.race([known, new Promise<boolean>(resolve => window.setTimeout(() => resolve(false)))]);
}

function unreachable(): ApiError {
  return new ApiError('The kernel is not responding. Restart it if this persists.', { code: 'UNREACHABLE', status: 0 });
}

function bytesOf(buffer: ArrayBuffer | ArrayBufferView | undefined): Uint8Array<ArrayBuffer> {
  if (buffer === undefined) {
    return new Uint8Array();
  }
  if (buffer instanceof ArrayBuffer) {
    return new Uint8Array(buffer);
  }
  return new Uint8Array(buffer.buffer as ArrayBuffer, buffer.byteOffset, buffer.byteLength);
}
