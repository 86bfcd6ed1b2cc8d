import { ReactWidget } from '@jupyterlab/ui-components';
import { Widget } from '@lumino/widgets';
import * as React from 'react';

import { trans } from '../../../model/__tests__/samples';
import { Chart, pointsOf } from '../../../model/display/chart';
import type { Column } from '../../../model/display/table';
import { Drawing } from '../Drawing';

const columns: Column[] = [{ name: 'n', type: 'int', kind: 'number' }];
const chart: Chart = { kind: 'histogram', x: 'n', y: '', series: '', aggregate: 'count' };
const points = pointsOf(chart, columns, [[1, 2]], null);

describe('Drawing', () => {
  let view: ReactWidget;
  let resize: (width: number) => void;
  const draw = jest.fn(() => new Widget());
  /** Wait longer than a width must be steady. */
  const settle = () => new Promise(resolve => setTimeout(resolve, 400));

  beforeEach(async () => {
    draw.mockClear();
    window.ResizeObserver = jest.fn((callback: ResizeObserverCallback) => ({
      observe: () => {
        resize = width => callback([{ contentRect: { width } } as ResizeObserverEntry], {} as ResizeObserver);
      },
      disconnect: jest.fn(),
      unobserve: jest.fn()
    }));
    view = ReactWidget.create(<Drawing columns={columns} points={points} chart={chart} trans={trans} draw={draw} />);
    Widget.attach(view, document.body);
    await settle();
  });

  afterEach(() => view.dispose());

  it('is drawn once it is visible, and again when its width has changed', async () => {
    expect(draw).not.toHaveBeenCalled();
    resize(600);
    await settle();
    expect(draw).toHaveBeenCalledTimes(1);

    resize(500);
    resize(400);
    await settle();
    expect(draw).toHaveBeenCalledTimes(2);
    expect(view.node.querySelectorAll('.lm-Widget')).toHaveLength(1);
  });

  it('stays while it is hidden', async () => {
    resize(600);
    await settle();
    resize(0);
    await settle();
    resize(600);
    await settle();
    expect(draw).toHaveBeenCalledTimes(1);
  });
});
