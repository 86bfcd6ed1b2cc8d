/**
 * The Spark jobs of one cell, below it.
 */
import type { IRenderMime } from '@jupyterlab/rendermime-interfaces';
import type { TranslationBundle } from '@jupyterlab/translation';
import { caretDownIcon, caretRightIcon, launchIcon, ReactWidget, stopIcon } from '@jupyterlab/ui-components';
import * as React from 'react';

import {
  CellJobs,
  durationS,
  Job,
  Loss,
  partOf,
  PROGRESS_TYPE,
  Stage,
  statusWord,
  summaryOf,
  taskWords
} from '../model/progress';
import { Meter } from './Meter';
import { Table } from './Table';
import { IconButton } from './ui/Button';

/** Without an update for this time, the kernel is queried, ms; a page just loaded queries it at once. */
const SILENCE_MS = 2_000;

/** Interval between queries of a kernel that does not respond, ms. */
const RETRY_MS = 1_000;

/** What the output's buttons do. */
export interface ProgressActions {
  /** Return the jobs as they are now, or what has become of them; rejects while the kernel cannot be reached. */
  query(run: string): Promise<CellJobs | Loss>;
  /** Resolves once the kernel has the request. */
  cancel(run: string): Promise<void>;
  /** Show a page of the Spark UI. */
  openSparkUi(clusterId: string, path: string): void;
}

/** The output. */
export class ProgressOutput extends ReactWidget implements IRenderMime.IRenderer {
  constructor(
    private readonly trans: TranslationBundle,
    private readonly actions: ProgressActions
  ) {
    super();
    this.addClass('jp-Dbx-progress');
  }

  /** Show a report of the kernel; called again for each update. */
  async renderModel(model: IRenderMime.IMimeModel): Promise<void> {
    this.accept(model.data[PROGRESS_TYPE] as unknown as CellJobs);
  }

  dispose(): void {
    window.clearTimeout(this.timer);
    super.dispose();
  }

  protected render(): JSX.Element {
    return this.cellJobs ? (
      <Jobs cellJobs={this.cellJobs} contact={this.contact} trans={this.trans} actions={this.actions} />
    ) : (
      <></>
    );
  }

  private accept(cellJobs: CellJobs): void {
    const isFirst = this.cellJobs === null;
    this.cellJobs = cellJobs;
    this.contact = 'live';
    window.clearTimeout(this.timer);
    if (!cellJobs.over) {
      this.queryAfter(isFirst ? 0 : SILENCE_MS, cellJobs.run);
    }
    this.update();
  }

  private queryAfter(delayMs: number, run: string): void {
    this.timer = window.setTimeout(() => void this.query(run), delayMs);
  }

  private async query(run: string): Promise<void> {
    const before = this.cellJobs;
    const found = await this.actions.query(run).catch(() => null);
    if (this.isDisposed || this.cellJobs !== before) {
      return;
    }
    if (found && typeof found === 'object') {
      this.accept(found);
      return;
    }
    this.contact = found ?? 'waiting';
    if (!found) {
      this.queryAfter(RETRY_MS, run);
    }
    this.update();
  }

  private cellJobs: CellJobs | null = null;
  private contact: Contact = 'live';
  private timer = 0;
}

/** Whether the kernel reports the jobs: it does, it cannot be reached at the moment, or it will not any more. */
type Contact = 'live' | 'waiting' | Loss;

interface JobsProps {
  cellJobs: CellJobs;
  contact: Contact;
  trans: TranslationBundle;
  actions: ProgressActions;
}

function Jobs({ cellJobs, contact, trans, actions }: JobsProps): JSX.Element {
  const [isUnfolded, setIsUnfolded] = React.useState(false);
  const { jobs, cluster_id } = cellJobs;
  const isRunning = !cellJobs.over && (contact === 'live' || contact === 'waiting');
  const summary = summaryOf(cellJobs, trans);
  return (
    <>
      <div className="jp-Dbx-line">
        <button className="jp-Dbx-fold" aria-expanded={isUnfolded} onClick={() => setIsUnfolded(!isUnfolded)}>
          {isUnfolded ? <caretDownIcon.react tag="span" /> : <caretRightIcon.react tag="span" />}
          <span role="status">{summary}</span>
        </button>
        {isRunning && <Meter part={partOf(jobs)} label={summary} />}
        {isRunning && <Cancel run={cellJobs.run} trans={trans} actions={actions} />}
        {cluster_id && (
          <IconButton
            icon={launchIcon}
            label={trans.__('Open the jobs in the Spark UI')}
            onClick={() => actions.openSparkUi(cluster_id, 'jobs/')}
          />
        )}
        {!cellJobs.over && <span className="jp-Dbx-hint">{contactWords(contact, trans)}</span>}
      </div>
      {isUnfolded && <JobTable cellJobs={cellJobs} trans={trans} actions={actions} />}
    </>
  );
}

type CancelProps = Pick<JobsProps, 'trans' | 'actions'> & { run: string };

function Cancel({ run, trans, actions }: CancelProps): JSX.Element {
  const [isSent, setIsSent] = React.useState(false);
  const cancel = () => {
    setIsSent(true);
    // Offered again after that: the cell may begin more jobs, and a request may get lost.
    void actions.cancel(run).finally(() => setIsSent(false));
  };
  return (
    <>
      <IconButton icon={stopIcon} label={trans.__('Cancel')} isDanger disabled={isSent} onClick={cancel} />
      {isSent && <span className="jp-Dbx-hint">{trans.__('Cancelling…')}</span>}
    </>
  );
}

function contactWords(contact: Contact, trans: TranslationBundle): string {
  switch (contact) {
    case 'live':
      return '';
    case 'waiting':
      return trans.__('Waiting for the kernel to respond…');
    case 'unknown':
      return trans.__('Final status unknown: the kernel was restarted, or no longer keeps these jobs');
    case 'gone':
      return trans.__('Final status unknown: the kernel has shut down');
  }
}

type JobTableProps = Omit<JobsProps, 'contact'>;

function JobTable({ cellJobs, trans, actions }: JobTableProps): JSX.Element {
  const headers = [
    trans.__('Job'),
    trans.__('Stage'),
    trans.__('Description'),
    trans.__('Tasks'),
    trans.__('Duration')
  ];
  return (
    <Table headers={headers}>
      {cellJobs.jobs.map(job => (
        <JobRows key={job.job_id} job={job} cellJobs={cellJobs} trans={trans} actions={actions} />
      ))}
    </Table>
  );
}

function JobRows({ job, cellJobs: { cluster_id }, trans, actions }: JobTableProps & { job: Job }): JSX.Element {
  const duration = durationS(job, Date.now());
  const link = (id: number, path: string) =>
    cluster_id ? (
      <button
        className="jp-Dbx-link"
        title={trans.__('Open in the Spark UI')}
        onClick={() => actions.openSparkUi(cluster_id, path)}
      >
        {id}
      </button>
    ) : (
      id
    );
  return (
    <>
      <tr>
        <td>{link(job.job_id, `jobs/job/?id=${job.job_id}`)}</td>
        <td />
        <td>{job.name}</td>
        <TasksCell of={job} label={trans.__('Tasks of job %1', job.job_id)} trans={trans} />
        <td>
          {[duration === null ? '' : trans.__('%1 s', duration.toFixed(1)), statusWord(job.status, trans)]
            .filter(text => text)
            .join(' · ')}
        </td>
      </tr>
      {job.stages.map(stage => (
        <tr key={stage.stage_id} className="jp-Dbx-stage">
          <td />
          <td>{link(stage.stage_id, `stages/stage/?id=${stage.stage_id}&attempt=${stage.attempt}`)}</td>
          <td>{stage.name}</td>
          <TasksCell of={stage} label={trans.__('Tasks of stage %1', stage.stage_id)} trans={trans} />
          <td>{statusWord(stage.status, trans)}</td>
        </tr>
      ))}
    </>
  );
}

function TasksCell(props: { of: Job | Stage; label: string; trans: TranslationBundle }): JSX.Element {
  const { of, label, trans } = props;
  return (
    <td>
      <Meter part={partOf([of])} label={label} failed={['FAILED', 'CANCELLED'].includes(of.status)} />{' '}
      {trans.__('%1 of %2', of.done, of.tasks)}
      {taskWords(of, trans)}
    </td>
  );
}
