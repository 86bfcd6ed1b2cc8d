import { framePromise } from '@jupyterlab/testing';
import { ReactWidget } from '@jupyterlab/ui-components';
import { Widget } from '@lumino/widgets';
import * as React from 'react';

import { aCluster, trans } from '../../../model/__tests__/samples';
import type { Cluster, JobList } from '../../../model/wire';
import type { PaneProps } from '../pane';
import { Stages } from '../Stages';

const WIDTH_PX = 820;

function answer(): JobList {
  const now = Date.now();
  const counts = { tasks: 8, done: 8, running: 0, failed: 0 };
  const stages = [
    {
      stage_id: 5,
      attempt: 1,
      name: 'count, line 3',
      status: 'COMPLETE',
      began_ms: now - 20_000,
      ended_ms: now,
      ...counts
    }
  ];
  const job = {
    job_id: 2,
    name: 'count',
    status: 'SUCCEEDED',
    began_ms: now - 20_000,
    ended_ms: now,
    ...counts,
    stages
  };
  return { time: now, application_id: 'app', jobs: [{ job, notebook: '/home/me/etl.ipynb' }] };
}

describe('Stages', () => {
  let pane: ReactWidget | undefined;
  const jobs = jest.fn(async () => answer());
  const onOpenSparkUi = jest.fn();

  const show = async (changes: Partial<PaneProps> = {}, isReady = () => !!bar()) => {
    const model = { jobs } as unknown as PaneProps['model'];
    const cluster: Cluster = aCluster({ state: 'RUNNING' });
    const props: PaneProps = { model, cluster, isShown: true, trans, onOpenSparkUi, ...changes };
    pane = ReactWidget.create(<Stages {...props} />);
    Widget.attach(pane, document.body);
    for (let frames = 0; frames < 200 && !isReady(); frames++) {
      await framePromise();
    }
  };
  const bar = () => pane!.node.querySelector<HTMLElement>('.jp-Dbx-slot');

  beforeEach(() => {
    jest.clearAllMocks();
    window.ResizeObserver = jest.fn((callback: ResizeObserverCallback) => ({
      observe: () => callback([{ contentRect: { width: WIDTH_PX } } as ResizeObserverEntry], {} as ResizeObserver),
      disconnect: jest.fn(),
      unobserve: jest.fn()
    }));
  });

  afterEach(() => pane?.dispose());

  it('draws a stage at its time, below its notebook, with a link to the Spark UI', async () => {
    await show();
    expect(pane!.node.querySelector('h4')!.textContent).toBe('etl.ipynb');
    expect(pane!.node.querySelector('.jp-Dbx-counts')!.textContent).toContain('1 complete');
    expect(bar()!.getAttribute('aria-label')).toContain('Stage 5 of job 2: count, line 3\ncomplete · 8 of 8 tasks');
    // 300 s take 700 px: 120 are for labels
    const drawn = bar()!.querySelector<HTMLElement>('.jp-Dbx-stageBar')!;
    expect(parseFloat(drawn.style.width)).toBeCloseTo((20 / 300) * 700, 0);
    const label = bar()!.querySelector<HTMLElement>('.jp-Dbx-barLabel')!;
    expect(label.style.marginLeft).toBe(drawn.style.width); // it does not fit into the bar
    bar()!.click();
    expect(onOpenSparkUi).toHaveBeenCalledWith('stages/stage/?id=5&attempt=1');
  });

  it('requests nothing while it is hidden, and while the cluster is not running', async () => {
    await show({ isShown: false }, () => pane!.node.textContent !== '');
    pane!.dispose();
    await show({ cluster: aCluster({ state: 'TERMINATED' }) }, () => pane!.node.textContent !== '');
    expect(pane!.node.textContent).toContain('only while the cluster is running');
    expect(jobs).not.toHaveBeenCalled();
  });
});
