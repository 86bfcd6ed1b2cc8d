/**
 * The outputs of one notebook's cells that this page has not started: those that ran while it was loaded.
 */
import type { CodeCell } from '@jupyterlab/cells';
import type { NotebookPanel } from '@jupyterlab/notebook';
import type { Kernel, KernelMessage } from '@jupyterlab/services';

import type { Missed } from '../model/missed';
import { JoinedRun, RunEnd } from './joinedRun';
import { OUR_KERNEL, requestKernel } from './kernels';

type Message = KernelMessage.IIOPubMessage;

/** Follows a notebook's kernel. */
export class MissedOutputs {
  constructor(
    private readonly panel: NotebookPanel,
    private readonly onEnd: (end: RunEnd) => void
  ) {
    const { sessionContext } = panel;
    sessionContext.kernelChanged.connect((_, { newValue }) => void this.follow(newValue));
    sessionContext.statusChanged.connect((_, status) => OVER.has(status) && this.end());
    sessionContext.connectionStatusChanged.connect((_, status) => status === 'connected' && void this.ask());
    void this.follow(sessionContext.session?.kernel);
  }

  private async follow(kernel: Kernel.IKernelConnection | null | undefined): Promise<void> {
    this.end();
    this.kernel?.iopubMessage.disconnect(this.onMessage, this);
    this.kernel = kernel?.name === OUR_KERNEL ? kernel : null;
    this.kernel?.iopubMessage.connect(this.onMessage, this);
    await this.ask();
  }

  /** Ask the kernel what this page has missed, and show it; messages that arrive meanwhile are shown after it. */
  private async ask(): Promise<void> {
    const { kernel, panel } = this;
    if (!kernel || this.arrived) {
      return;
    }
    const arrived: Message[] = (this.arrived = []);
    await panel.context.ready;
    const since_ms = Date.parse(panel.context.contentsModel?.last_modified ?? '') || 0;
    const missed = await requestKernel(kernel, { op: 'missed', since_ms }).catch(() => null);
    this.arrived = null;
    if (panel.isDisposed) {
      return;
    }
    if (kernel !== this.kernel) {
      return this.ask();
    }
    this.show((missed ?? { runs: [], recent: [] }) as Missed);
    arrived.forEach(message => this.take(message));
  }

  private show({ runs, recent }: Missed): void {
    this.recent = new Set(recent);
    for (const run of runs.filter(({ session }) => session !== this.kernel?.clientId)) {
      this.sessions.add(run.session);
      const cell = this.panel.content.widgets.find(({ model }) => model.id === run.cell_id);
      const known = this.joined.get(run.msg_id);
      if (known && run.ended_ms !== null) {
        known.end();
      } else if (!known && cell?.model.type === 'code') {
        this.joined.set(run.msg_id, new JoinedRun(cell as CodeCell, run, this.onEnd));
      }
    }
  }

  private onMessage(_: unknown, message: Message): void {
    if (this.arrived) {
      this.arrived.push(message);
    } else {
      this.take(message);
    }
  }

  private take(message: Message): void {
    if (this.recent.has(message.header.msg_id)) {
      return;
    }
    const { msg_id, session } = message.parent_header as Partial<KernelMessage.IHeader>;
    const run = this.joined.get(msg_id ?? '');
    if (message.header.msg_type === 'update_display_data') {
      this.joined.forEach(each => each.take(message)); // those without this display ignore it
    } else if (run) {
      run.take(message);
    } else if (message.header.msg_type === 'execute_input' && this.sessions.has(session ?? '')) {
      void this.ask(); // a cell that waited for its turn
    }
  }

  /** The kernel has ended, and with it what it ran. */
  private end(): void {
    this.joined.forEach(run => run.end());
    this.joined.clear();
    this.sessions.clear();
  }

  private kernel: Kernel.IKernelConnection | null = null;
  /** by the id of their request */
  private readonly joined = new Map<string, JoinedRun>();
  /** ids of the page's sessions that have started them */
  private readonly sessions = new Set<string>();
  private recent = new Set<string>();
  /** messages that have arrived since the kernel was asked; null = it was not */
  private arrived: Message[] | null = null;
}

/** States in which a kernel runs nothing of before. */
const OVER: ReadonlySet<string> = new Set(['restarting', 'autorestarting', 'terminating', 'dead']);
