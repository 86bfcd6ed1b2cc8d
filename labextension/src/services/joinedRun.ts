/**
 * A run of a cell that this page has not started: it shows what the page has missed, and what comes.
 */
import type { CodeCell } from '@jupyterlab/cells';
import type { Kernel, KernelMessage } from '@jupyterlab/services';
import { PromiseDelegate } from '@lumino/coreutils';

import type { MissedRun } from '../model/missed';

type Future = Kernel.IShellFuture<KernelMessage.IExecuteRequestMsg, KernelMessage.IExecuteReplyMsg>;

/** What a run came to. */
export interface RunEnd {
  tookMs: number;
  success: boolean;
}

/** Stands in for the future that JupyterLab has of a cell that it runs. */
export class JoinedRun implements Future {
  constructor(
    private readonly cell: CodeCell,
    private readonly run: MissedRun,
    /** Called when the run ends, unless it had ended before. */
    private readonly onEnd: (end: RunEnd) => void
  ) {
    this.count = run.execution_count;
    this.msg = { header: { msg_id: run.msg_id, session: run.session } } as KernelMessage.IExecuteRequestMsg;
    cell.model.trusted = true; // its outputs come from the kernel, as those of any cell that runs
    cell.model.clearExecution();
    cell.outputArea.reattachFuture(this);
    for (const { msg_type, content } of run.messages) {
      void this.onIOPub({ header: { msg_type }, content } as KernelMessage.IIOPubMessage);
    }
    if (run.ended_ms === null) {
      cell.model.executionState = 'running';
    } else {
      cell.model.executionCount = this.count;
    }
  }

  readonly msg: KernelMessage.IExecuteRequestMsg;
  isDisposed = false;
  // JupyterLab sets these.
  onIOPub: Future['onIOPub'] = () => undefined;
  onReply: Future['onReply'] = () => undefined;
  onStdin: Future['onStdin'] = () => undefined;

  /** The reply goes to the page that has sent the request. */
  get done(): Promise<KernelMessage.IExecuteReplyMsg> {
    return this.ended.promise;
  }

  /** Show a message of the run. */
  take(message: KernelMessage.IIOPubMessage): void {
    if (this.isDisposed || this.cell.isDisposed) {
      return;
    }
    void this.onIOPub(message);
    if (message.header.msg_type === 'error') {
      this.hasFailed = true;
    } else if (message.header.msg_type === 'execute_input') {
      this.count = (message as KernelMessage.IExecuteInputMsg).content.execution_count;
    } else if (message.header.msg_type === 'status') {
      const { execution_state } = (message as KernelMessage.IStatusMsg).content;
      if (execution_state === 'idle') {
        this.end();
      }
    }
  }

  /** Show that the run has ended; what its threads still send is shown. */
  end(): void {
    if (!this.isDisposed && !this.cell.isDisposed && this.cell.model.executionState === 'running') {
      this.cell.model.executionCount = this.count;
      this.cell.model.executionState = 'idle';
      this.onEnd({ tookMs: Date.now() - this.run.began_ms, success: !this.hasFailed });
    }
  }

  /** End it: JupyterLab runs the cell again, or has closed it. */
  dispose(): void {
    this.isDisposed = true;
  }

  registerMessageHook(): void {
    // Widgets register theirs at the kernel's connection.
  }

  removeMessageHook(): void {
    // See above.
  }

  sendInputReply(): void {
    // The kernel requests input from the page that has sent the request.
  }

  private count: number | null;
  private hasFailed = false;
  private readonly ended = new PromiseDelegate<KernelMessage.IExecuteReplyMsg>();
}
