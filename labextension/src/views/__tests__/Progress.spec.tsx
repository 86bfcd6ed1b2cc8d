import { framePromise } from '@jupyterlab/testing';
import { MimeModel } from '@jupyterlab/rendermime';
import { Widget } from '@lumino/widgets';

import { trans } from '../../model/__tests__/samples';
import { CellJobs, Job, PROGRESS_TYPE } from '../../model/progress';
import { ProgressActions, ProgressOutput } from '../Progress';

const job: Job = {
  job_id: 1,
  name: 'count, line 1',
  status: 'RUNNING',
  began_ms: 1000,
  ended_ms: null,
  tasks: 8,
  done: 2,
  running: 1,
  failed: 0,
  stages: []
};
const running: CellJobs = { run: 'k:s:1', cluster_id: 'c', jobs: [job], over: false };

describe('ProgressOutput', () => {
  let output: ProgressOutput;
  const query = jest.fn<ReturnType<ProgressActions['query']>, [string]>();
  const cancel = jest.fn<Promise<void>, [string]>();

  const show = async (cellJobs: CellJobs) => {
    await output.renderModel(new MimeModel({ data: { [PROGRESS_TYPE]: cellJobs as never } }));
    await framePromise();
  };
  const text = () => output.node.textContent;
  const button = () => output.node.querySelector<HTMLButtonElement>('[aria-label=Cancel]');
  const until = async (condition: () => unknown) => {
    for (let frame = 0; frame < 200 && !condition(); frame++) {
      await framePromise();
    }
    expect(condition()).toBeTruthy();
  };

  beforeEach(() => {
    query.mockReset().mockResolvedValue(running);
    cancel.mockReset().mockResolvedValue(undefined);
    output = new ProgressOutput(trans, { query, cancel, openSparkUi: () => undefined });
    Widget.attach(output, document.body);
  });

  afterEach(() => output.dispose());

  it('of a page just loaded queries the kernel at once, and follows it', async () => {
    query.mockResolvedValue({ ...running, jobs: [{ ...job, done: 7 }] });
    await show(running);
    await until(() => text()?.includes('7 of 8 tasks'));
    expect(query).toHaveBeenCalledWith('k:s:1');
  });

  it('says how jobs have ended that have not succeeded', async () => {
    const ends = (['SUCCEEDED', 'FAILED', 'CANCELLED'] as const).map((status, index) => ({
      ...job,
      ...{ job_id: index, status, ended_ms: 3000 }
    }));
    await show({ ...running, jobs: ends, over: true });
    output.node.querySelector<HTMLElement>('.jp-Dbx-fold')!.click();
    await until(() => output.node.querySelector('td'));

    const last = [...output.node.querySelectorAll('tr td:last-child')].map(cell => cell.textContent);
    expect(last).toEqual(['2.0 s', '2.0 s · Failed', '2.0 s · Cancelled']);
    const isBad = [...output.node.querySelectorAll('td .jp-Dbx-meter')].map(one => one.matches('.jp-mod-failed'));
    expect(isBad).toEqual([false, true, true]);
  });

  it('of jobs that are over asks nobody', async () => {
    await show({ ...running, over: true });
    await framePromise();
    expect(query).not.toHaveBeenCalled();
    expect(button()).toBeNull();
  });

  it.each([
    ['unknown', 'the kernel was restarted'],
    ['gone', 'the kernel has shut down']
  ] as const)('says what has become of the jobs: %s', async (loss, words) => {
    query.mockResolvedValue(loss);
    await show(running);
    await until(() => text()?.includes(words));
    expect(button()).toBeNull();
  });

  it('says that it waits for a kernel that cannot be reached, and asks again', async () => {
    query.mockRejectedValueOnce(new Error('no'));
    await show(running);
    await until(() => text()?.includes('Waiting for the kernel'));
    expect(text()).not.toContain('unknown');
    await until(() => !text()?.includes('Waiting'));
    expect(query).toHaveBeenCalledTimes(2);
  });

  it('offers to cancel again after a request that did not arrive', async () => {
    let fail: () => void = () => undefined;
    cancel.mockReturnValueOnce(new Promise<void>(resolve => (fail = resolve)));
    await show(running);
    button()?.click();
    await until(() => button()?.disabled && text()?.includes('Cancelling…'));
    fail();
    await until(() => button()?.disabled === false);
    button()?.click();
    expect(cancel).toHaveBeenCalledTimes(2);
  });
});
