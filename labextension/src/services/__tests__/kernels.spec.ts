import type { Kernel, KernelMessage } from '@jupyterlab/services';

import { requestKernel } from '../kernels';

/** A kernel that records the requests on its control channel; `isBusy` = its main shell has not responded yet. */
class FakeKernel {
  constructor(isBusy = false) {
    this.info = isBusy ? new Promise(() => undefined) : Promise.resolve({});
  }

  readonly info: Promise<object>;
  readonly connectionStatus = 'connected';
  readonly sent: { op: string; id: string; request?: string }[] = [];
  readonly clones: FakeKernel[] = [];
  isDisposed = false;
  private onReply: ((reply: unknown) => void)[] = [];

  clone(): FakeKernel {
    this.clones.push(new FakeKernel(true));
    return this.clones[this.clones.length - 1];
  }

  dispose(): void {
    this.isDisposed = true;
  }

  sendControlMessage(message: KernelMessage.IControlMessage): object {
    this.sent.push(message.content as unknown as FakeKernel['sent'][number]);
    const handlers = this.onReply;
    return {
      set onReply(handle: (reply: unknown) => void) {
        handlers.push(handle);
      },
      dispose: () => undefined
    };
  }

  respond(response: object, bytes?: Uint8Array): void {
    this.onReply[0]({ content: response, buffers: bytes ? [new DataView(bytes.buffer)] : [] });
  }
}

describe('requestKernel', () => {
  let kernel: FakeKernel;
  const start = (options: Parameters<typeof requestKernel>[3], timeoutMs = 1000) =>
    requestKernel(
      kernel as unknown as Kernel.IKernelConnection,
      { op: 'table_file', table: 't', format: 'csv' },
      timeoutMs,
      options
    );
  const isSent = async () => {
    while (!kernel.sent.length) {
      await Promise.resolve();
    }
  };

  beforeEach(() => (kernel = new FakeKernel()));

  it('hands over the parts of a response before its result', async () => {
    const parts: unknown[] = [];
    const result = start({ onPart: (about, bytes) => parts.push([about, [...bytes]]) });
    await isSent();

    kernel.respond({ part: { rows: 1 } }, new Uint8Array([1, 2]));
    kernel.respond({ part: { rows: 2 } });
    kernel.respond({ result: { rows: 2 } });

    expect(await result).toEqual({ rows: 2 });
    expect(parts).toEqual([
      [{ rows: 1 }, [1, 2]],
      [{ rows: 2 }, []]
    ]);
  });

  it('cancels the request in the kernel', async () => {
    const controller = new AbortController();
    const result = start({ signal: controller.signal });
    await isSent();

    controller.abort();

    await expect(result).rejects.toThrow('Cancelled.');
    await Promise.resolve();
    expect(kernel.sent[1]).toMatchObject({ op: 'table_cancel', request: kernel.sent[0].id });
  });

  it('waits for the next part, not for the whole response', async () => {
    jest.useFakeTimers();
    const result = start({});
    const failed = expect(result).rejects.toThrow('not responding');
    await isSent();

    jest.advanceTimersByTime(900);
    kernel.respond({ part: {} });
    jest.advanceTimersByTime(900);
    kernel.respond({ part: {} });
    jest.advanceTimersByTime(1000);

    await failed;
    jest.useRealTimers();
  });

  it('reports what the kernel refuses', async () => {
    const result = start({});
    await isSent();
    kernel.respond({ error: 'Run its cell again.' });
    await expect(result).rejects.toThrow('Run its cell again.');
  });

  it('does not wait for the main shell: it sends on another connection until that has responded', async () => {
    kernel = new FakeKernel(true);
    const result = start({});
    while (!kernel.clones[0]?.sent.length) {
      await new Promise(resolve => window.setTimeout(resolve));
    }

    kernel.clones[0].respond({ result: { done: 1 } });

    expect(await result).toEqual({ done: 1 });
    expect(kernel.sent).toEqual([]);
    expect(kernel.clones[0].isDisposed).toBe(true);
  });
});
