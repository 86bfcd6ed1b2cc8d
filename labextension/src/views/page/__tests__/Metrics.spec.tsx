import { framePromise } from '@jupyterlab/testing';
import { ReactWidget } from '@jupyterlab/ui-components';
import { Widget } from '@lumino/widgets';
import * as React from 'react';
import UPlot from 'uplot';

import { aCluster, trans } from '../../../model/__tests__/samples';
import type { Sample } from '../../../model/wire';
import { Metrics } from '../Metrics';
import type { TabProps } from '../page';

/** The lines of each chart that are drawn, by label. */
const mockDrawn: Map<string, boolean>[] = [];

jest.mock('uplot', () =>
  jest.fn().mockImplementation(({ series }: { series: { label: string }[] }) => {
    const shown = new Map(series.slice(1).map(({ label }) => [label, true]));
    const labels = [...shown.keys()];
    mockDrawn.push(shown);
    return {
      setData: jest.fn(),
      setSize: jest.fn(),
      redraw: jest.fn(),
      setSeries: (index: number, { show }: { show: boolean }) => shown.set(labels[index - 1], show),
      destroy: () => mockDrawn.splice(mockDrawn.indexOf(shown), 1)
    };
  })
);

const node = { role: 'worker' as const, cores: 2, memory_limit_mib: 2048, cpu: 0.5, memory_mib: 512 };
const load = { running_tasks: 3, pending_tasks: 4, busy_cores: 2, total_cores: 2 };
const samples: Sample[] = [
  { time: 0, load, nodes: { old: node } },
  { time: 1_200_000, load, nodes: { now: { ...node, cpu: 1.25 } } }
];

describe('Metrics', () => {
  let tab: ReactWidget;
  const button = (label: string) =>
    [...tab.node.querySelectorAll('button')].find(found => found.textContent?.startsWith(label));

  /** Do something, and wait until it shows, for some seconds at most. */
  const after = async (action: () => void, isShown: () => boolean) => {
    action();
    for (let frames = 0; frames < 200 && !isShown(); frames++) {
      await framePromise();
    }
  };

  beforeEach(async () => {
    window.ResizeObserver = jest.fn(() => ({ observe: jest.fn(), disconnect: jest.fn(), unobserve: jest.fn() }));
    const model = { metrics: () => Promise.resolve(samples) } as unknown as TabProps['model'];
    const props = { model, clusterId: '1', cluster: aCluster(), trans, actions: {} as TabProps['actions'] };
    tab = ReactWidget.create(<Metrics {...props} />);
    await after(
      () => Widget.attach(tab, document.body),
      () => !!button('worker 1') && mockDrawn.length === 3
    );
  });

  afterEach(() => tab.dispose());

  it('shows only the nodes that lived in the chosen range', async () => {
    expect(button('worker 1')).toBeDefined();
    const select = tab.node.querySelector('select')!;
    await after(
      () => {
        select.value = '300000';
        select.dispatchEvent(new Event('change', { bubbles: true }));
      },
      () => !button('worker 1') && mockDrawn.every(shown => !shown.has('worker 1'))
    );
    expect(button('worker 1')).toBeUndefined();
    expect(button('worker 2')?.textContent).toBe('worker 2 1.25');
    expect(mockDrawn.map(shown => shown.has('worker 1'))).toEqual([false, false, false]);
  });

  it('has whole numbers on the axis of tasks alone', () => {
    const steps = jest
      .mocked(UPlot)
      .mock.calls.slice(-3)
      .map(([{ axes }]) => axes![1].incrs as number[] | undefined);
    expect(steps.slice(0, 2)).toEqual([undefined, undefined]);
    expect(steps[2]!.slice(0, 4)).toEqual([1, 2, 5, 10]);
  });

  it('hides a line, in every chart, by its button in the legend', async () => {
    await after(
      () => button('worker 2')!.click(),
      () => mockDrawn[0].get('worker 2') === false
    );
    expect(button('worker 2')!.getAttribute('aria-pressed')).toBe('false');
    expect(mockDrawn.map(shown => shown.get('worker 2'))).toEqual([false, false, undefined]);
    expect(mockDrawn[0].get('worker 1')).toBe(true);
    await after(
      () => button('worker 2')!.click(),
      () => mockDrawn[0].get('worker 2') === true
    );
    expect(mockDrawn[0].get('worker 2')).toBe(true);
  });
});
