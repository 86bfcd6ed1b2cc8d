/**
 * The Spark jobs of one cell, below it.
 */
import type { IRenderMime } from '@jupyterlab/rendermime-interfaces';
import type { TranslationBundle } from '@jupyterlab/translation';
import { caretDownIcon, caretRightIcon, ReactWidget } from '@jupyterlab/ui-components';
import * as React from 'react';

import { Meter } from './Meter';
import { Job, moreWords, partOf, PROGRESS_TYPE, summaryOf, Told, tookS } from './progressData';
import { Table } from './Table';

/** How long no news may come of jobs that run until the kernel is asked, ms: a page that was reloaded gets none. */
const SILENCE_MS = 3_000;

/** What the output's buttons do. */
export interface ProgressActions {
  /** Return what is true now, or null if nobody knows. */
  ask(run: string): Promise<Told | null>;
  cancel(run: string): void;
  /** Show one of Spark's pages. */
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

  /** Show what the kernel tells; called again at each update. */
  async renderModel(model: IRenderMime.IMimeModel): Promise<void> {
    this.take(model.data[PROGRESS_TYPE] as unknown as Told);
  }

  dispose(): void {
    window.clearTimeout(this.timer);
    super.dispose();
  }

  protected render(): JSX.Element {
    return this.told ? (
      <Jobs told={this.told} lost={this.lost} trans={this.trans} actions={this.actions} />
    ) : (
      <></>
    );
  }

  private take(told: Told): void {
    this.told = told;
    this.lost = false;
    window.clearTimeout(this.timer);
    if (!told.over) {
      this.timer = window.setTimeout(() => void this.ask(told.run), SILENCE_MS);
    }
    this.update();
  }

  private async ask(run: string): Promise<void> {
    const told = await this.actions.ask(run).catch(() => null);
    if (this.isDisposed) {
      return;
    }
    if (told) {
      this.take(told);
    } else {
      this.lost = true;
      this.update();
    }
  }

  private told: Told | null = null;
  private lost = false;
  private timer = 0;
}

interface JobsProps {
  told: Told;
  lost: boolean;
  trans: TranslationBundle;
  actions: ProgressActions;
}

function Jobs({ told, lost, trans, actions }: JobsProps): JSX.Element {
  const [unfolded, setUnfolded] = React.useState(false);
  const runs = !told.over && !lost;
  return (
    <>
      <div className="jp-Dbx-line">
        <button className="jp-Dbx-fold" aria-expanded={unfolded} onClick={() => setUnfolded(!unfolded)}>
          {unfolded ? <caretDownIcon.react tag="span" /> : <caretRightIcon.react tag="span" />}
          <span role="status">{summaryOf(told, trans)}</span>
        </button>
        {runs && <Meter part={partOf(told.jobs)} label={summaryOf(told, trans)} />}
        {runs && (
          <button className="jp-Dbx-link" onClick={() => actions.cancel(told.run)}>
            {trans.__('Cancel')}
          </button>
        )}
        {lost && <span className="jp-Dbx-hint">{trans.__('how it went on is not known: its kernel has gone')}</span>}
      </div>
      {unfolded && (
        <Table heads={[trans.__('Job'), trans.__('Stage'), trans.__('What'), trans.__('Tasks'), trans.__('Time')]}>
          {told.jobs.map(job => (
            <JobRows key={job.job_id} job={job} told={told} trans={trans} actions={actions} />
          ))}
        </Table>
      )}
    </>
  );
}

function JobRows({ job, told, trans, actions }: Omit<JobsProps, 'lost'> & { job: Job }): JSX.Element {
  const took = tookS(job, Date.now());
  const link = (number: number, path: string) =>
    told.cluster_id ? (
      <button
        className="jp-Dbx-link"
        title={trans.__('Show it in the Spark UI')}
        onClick={() => actions.openSparkUi(told.cluster_id, path)}
      >
        {number}
      </button>
    ) : (
      number
    );
  return (
    <>
      <tr>
        <td>{link(job.job_id, `jobs/job/?id=${job.job_id}`)}</td>
        <td />
        <td>{job.name}</td>
        <td>
          <Meter part={partOf([job])} label={trans.__('Tasks of job %1', job.job_id)} />
          {trans.__('%1 of %2', job.done, job.tasks)}
          {moreWords(job, trans)}
        </td>
        <td>{took === null ? '' : trans.__('%1 s', took.toFixed(1))}</td>
      </tr>
      {job.stages.map(stage => (
        <tr key={stage.stage_id} className="jp-Dbx-stage">
          <td />
          <td>{link(stage.stage_id, `stages/stage/?id=${stage.stage_id}&attempt=${stage.attempt}`)}</td>
          <td>{stage.name}</td>
          <td>
            <Meter part={partOf([stage])} label={trans.__('Tasks of stage %1', stage.stage_id)} />
            {trans.__('%1 of %2', stage.done, stage.tasks)}
            {moreWords(stage, trans)}
          </td>
          <td>{stage.status === 'PENDING' ? trans.__('waits') : ''}</td>
        </tr>
      ))}
    </>
  );
}
