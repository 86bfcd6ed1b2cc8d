import { framePromise } from '@jupyterlab/testing';
import { Widget } from '@lumino/widgets';

import { trans } from '../../__tests__/samples';
import { TABLE_TYPE, TableContent } from '../tableData';
import { DisplayActions, Look, TableOutput } from '../TableOutput';

// The grid is tested in a browser: here nothing has a size.
jest.mock('../Grid', () => ({
  __esModule: true,
  default: ({ cells }: { cells: unknown[][] }) => JSON.stringify(cells)
}));

const content: TableContent = {
  table: 't1',
  columns: [{ name: 'n', type: 'int', kind: 'number' }],
  rows: 2,
  more: true,
  cells: [[1, 2]]
};
const profile = {
  rows: 2,
  precise: false,
  columns: [
    {
      column: content.columns[0],
      ...{ nulls: 1, nans: 0, distinct: 1, least: 1, greatest: 2, mean: 1.5, deviation: 0.1, quantiles: [1, 1, 1, 2, 2] },
      ...{ histogram: { low: 1, high: 2, shares: [0.5, 0.5] }, top: [] }
    }
  ]
};

describe('TableOutput', () => {
  let output: TableOutput;
  let kept: Look | null;
  const ask = jest.fn();
  const actions: DisplayActions = {
    canAsk: () => true,
    ask: (_, wish) => ask(wish),
    recall: () => kept,
    keep: (_, look) => (kept = look),
    draw: () => null
  };

  const draw = async () => {
    for (let frame = 0; frame < 4; frame++) {
      await framePromise();
    }
    await output.renderPromise;
    return output.node.textContent ?? '';
  };
  const show = async (changes: Partial<TableContent> = {}) => {
    await output.renderModel({ data: { [TABLE_TYPE]: { ...content, ...changes } } } as never);
    return draw();
  };
  const press = (label: string) => {
    const buttons = [...output.node.querySelectorAll('button')];
    buttons.find(button => button.textContent === label)!.click();
    return draw();
  };

  beforeEach(() => {
    kept = null;
    ask.mockReset();
    output = new TableOutput(trans, actions);
    Widget.attach(output, document.body);
  });

  afterEach(() => output.dispose());

  it('has its rows, and those that follow when they are asked for', async () => {
    expect(await show()).toContain('First 2 rows; there are more.');
    ask.mockResolvedValue({ columns: content.columns, rows: 1, more: false, cells: [[3]] });

    const text = await press('Load more');

    expect(ask).toHaveBeenCalledWith({ op: 'table_more', table: 't1', offset: 2 });
    expect(text).toContain('[[1,2,3]]');
    expect(text).toContain('3 rows');
    expect(text).not.toContain('Load more');
  });

  it('says what the kernel refuses', async () => {
    await show();
    ask.mockRejectedValue(new Error('Run its cell again.'));

    await press('Load more');

    expect(output.node.querySelector('[role=alert]')!.textContent).toBe('Run its cell again.');
  });

  it('asks for the profile when its tab is opened, and not before', async () => {
    ask.mockResolvedValue(profile);
    await show();
    expect(ask).not.toHaveBeenCalled();

    const text = await press('Profile');

    expect(ask).toHaveBeenCalledWith({ op: 'table_profile', table: 't1' });
    expect(text).toContain('50 %');
  });

  it('comes back as it was looked at', async () => {
    kept = { tab: 'chart', chart: { kind: 'histogram', x: 'n', y: '', series: '', aggregate: 'count' } };

    await show();

    const kind = output.node.querySelector('select') as HTMLSelectElement;
    expect(kind.value).toBe('histogram');
    await press('Table');
    expect(kept).toMatchObject({ tab: 'table', chart: { kind: 'histogram' } });
  });

  it('follows a stream', async () => {
    const stream = { name: 'ticks', state: 'running' as const, batch: 3, input_rate: 2.55, processed_rate: 10 };
    expect(await show({ stream, more: false })).toContain('Stream is running (ticks)batch 3, 2.6 rows/s in');

    const text = await show({ stream: { ...stream, state: 'stopped' }, more: false, cells: [[7]] });

    expect(text).toContain('Stream was stopped');
    expect(text).toContain('[[7]]');
    expect(text).not.toContain('Profile');
  });
});
