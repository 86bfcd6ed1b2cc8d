import { framePromise } from '@jupyterlab/testing';
import { Widget } from '@lumino/widgets';
import type * as React from 'react';

import { trans } from '../../../model/__tests__/samples';
import type { RequestOptions, TableRequest } from '../../../model/kernelRequests';
import { TABLE_TYPE, TableContent } from '../../../model/display/table';
import type { View, ViewState } from '../../../model/display/viewState';
import type { DisplayActions } from '../actions';
import type { MenuItem } from '../../ui/menu';
import { TableOutput } from '../TableOutput';

// The grid needs sizes, which only a browser has; tests/browser covers it.
jest.mock('../Grid', () => {
  const { useEffect } = jest.requireActual<typeof React>('react');
  const Stub = ({ cells, search, onShown }: GridStub) => {
    useEffect(
      () =>
        onShown({
          rows: search ? [0] : cells[0].map((_, row) => row),
          columns: cells.map((_, place) => place),
          isFiltered: search !== ''
        }),
      [cells, search, onShown]
    );
    return JSON.stringify(cells);
  };
  return { __esModule: true, default: Stub };
});

// A menu needs sizes, too.
jest.mock('../../ui/menu', () => ({ openMenu: (items: MenuItem[]) => (menu = items) }));
let menu: MenuItem[] = [];

interface GridStub {
  cells: unknown[][];
  search: string;
  onShown(shown: object): void;
}

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
  left_out: 0,
  columns: [
    {
      column: content.columns[0],
      ...{
        nulls: 1,
        nans: 0,
        distinct: 1,
        least: 1,
        greatest: 2,
        mean: 1.5,
        deviation: 0.1,
        quantiles: [1, 1, 1, 2, 2]
      },
      ...{ histogram: { low: 1, high: 2, shares: [0.5, 0.5] }, top: [] }
    }
  ]
};

const view: View = {
  id: '1',
  kind: 'chart',
  name: 'Count',
  chart: { kind: 'histogram', x: 'n', y: '', series: '', aggregate: 'count' }
};

describe('TableOutput', () => {
  let output: TableOutput;
  let saved: ViewState | null;
  const request = jest.fn<Promise<object>, [TableRequest, RequestOptions?]>();
  const actions: DisplayActions = {
    hasKernel: () => true,
    request: (_, body, options) => request(body, options),
    loadState: () => saved,
    saveState: (_, state) => (saved = state),
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
    const buttons = [...output.node.querySelectorAll<HTMLElement>('button, jp-button')];
    const nameOf = (button: HTMLElement) => button.getAttribute('aria-label') ?? button.textContent;
    buttons.find(button => nameOf(button) === label)!.click();
    return draw();
  };
  /** Press a button, and choose an item of its menu. */
  const choose = async (button: string, item: string) => {
    await press(button);
    menu.find(({ label }) => label === item)!.run();
    return draw();
  };
  const add = (view: string) => choose('Add a visualization or a data profile', view);

  beforeEach(() => {
    saved = null;
    request.mockReset();
    window.ResizeObserver = jest.fn((callback: ResizeObserverCallback) => ({
      observe: () => callback([{ contentRect: { width: 600 } } as ResizeObserverEntry], {} as ResizeObserver),
      disconnect: jest.fn(),
      unobserve: jest.fn()
    }));
    output = new TableOutput(trans, actions);
    Widget.attach(output, document.body);
  });

  afterEach(() => output.dispose());

  it('shows its rows, and loads more', async () => {
    expect(await show()).toContain('First 2 rows');
    request.mockResolvedValue({ columns: content.columns, rows: 1, more: false, cells: [[3]] });

    const text = await press('Load more');

    expect(request.mock.lastCall![0]).toEqual({ op: 'table_more', table: 't1', offset: 2 });
    expect(text).toContain('[[1,2,3]]');
    expect(text).toContain('3 rows');
    expect(text).not.toContain('Load more');
  });

  it('shows how many columns are left out', async () => {
    expect(await show({ more: false, left_out: 2999 })).toContain('2 rows · First 1 of 3,000 columns');
    request.mockResolvedValue({ ...profile, left_out: 2999 });

    expect(await add('Data Profile')).toContain('2 rows · First 1 of 3,000 columns');
  });

  it('shows the error of the kernel', async () => {
    await show();
    request.mockRejectedValue(new Error('Run its cell again.'));

    await press('Load more');

    expect(output.node.querySelector('[role=alert]')!.textContent).toBe('Run its cell again.');
  });

  it('requests the profile when its tab is added', async () => {
    request.mockResolvedValue(profile);
    await show();
    expect(request).not.toHaveBeenCalled();

    const text = await add('Data Profile');

    expect(request.mock.lastCall![0]).toEqual({ op: 'table_profile', table: 't1' });
    expect(text).toContain('50%');
  });

  it('restores its view state', async () => {
    saved = { open: '1', views: [view] };

    await show({ more: false });

    expect(output.node.querySelector('.jp-Dbx-choice')).toBeNull(); // a chart that is read needs no settings
    await press('Edit visualization');
    const kind = output.node.querySelector('.jp-Dbx-choice select') as HTMLSelectElement;
    expect(kind.value).toBe('histogram');
    await press('Table');
    expect(saved).toEqual({ open: 'table', views: [{ ...view, isEdited: true }] });
  });

  it('keeps the profile with the notebook until its cell runs again', async () => {
    request.mockResolvedValue(profile);
    await show();
    await add('Data Profile');
    await press('Table');
    expect(saved?.computed?.profile).toEqual(profile);

    expect(await press('Data Profile')).toContain('50%');
    expect(request).toHaveBeenCalledTimes(1);

    await show({ table: 't2' });
    expect(request.mock.lastCall![0]).toEqual({ op: 'table_profile', table: 't2' });
  });

  it('computes nothing by itself when a notebook is reopened', async () => {
    saved = { open: '1', views: [{ id: '1', kind: 'profile', name: 'Data Profile' }] };

    expect(await show()).toContain('The profile reads all rows.');
    expect(request).not.toHaveBeenCalled();

    request.mockResolvedValue(profile);
    expect(await press('Compute')).toContain('50%');
  });

  it('can cancel the profile', async () => {
    let signal: AbortSignal | undefined;
    request.mockImplementation((_, options) => {
      signal = options?.signal;
      return new Promise((_, reject) => signal!.addEventListener('abort', () => reject(new Error('Cancelled.'))));
    });
    await show();
    expect(await add('Data Profile')).toContain('Reading all rows…');

    const text = await press('Cancel');

    expect(signal!.aborted).toBe(true);
    expect(text).toContain('Compute');
    expect(output.node.querySelector('[role=alert]')).toBeNull();
  });

  it('groups all rows in the kernel where the page has only some, and says what the chart shows', async () => {
    saved = { open: 'table', views: [view] };
    const groups = { keys: [[1, 2]], values: [600, 400], steps: [null], total: null, whole: null };
    request.mockResolvedValue(groups);
    await show();

    expect(await press('Count')).toContain('All rows');

    const body = { keys: [{ column: 0, most: 30 }], aggregate: 'count' };
    expect(request.mock.lastCall![0]).toEqual({ op: 'table_groups', table: 't1', columns: [0], ...body });
    expect(saved?.computed?.groups).toEqual({ 1: { of: JSON.stringify(body), groups } });
  });

  it('charts the rows on the page if the kernel cannot group all', async () => {
    saved = { open: 'table', views: [view] };
    request.mockRejectedValue(new Error('Run its cell again.'));
    await show();

    expect(await press('Count')).toContain('First 2 rows');
    expect(output.node.querySelector('[role=alert]')!.textContent).toBe('Run its cell again.');
  });

  it('charts what a filter leaves', async () => {
    saved = { open: '1', views: [view], search: 'x' };
    expect(await show()).toContain('1 filtered row of 2');
    expect(request).not.toHaveBeenCalled();
  });

  it('says so where there is nothing to chart', async () => {
    expect(await show({ rows: 0, cells: [[]], more: false })).toContain('0 rows');
    expect(await add('Visualization')).toContain('There are no rows to plot.');
  });

  it('saves all rows from the kernel, with progress and the limit', async () => {
    const files: Blob[] = [];
    URL.createObjectURL = blob => `blob:${files.push(blob as Blob)}`;
    URL.revokeObjectURL = () => undefined;
    HTMLAnchorElement.prototype.click = () => undefined;
    let finish: (result: object) => void;
    request.mockImplementation((_, options) => {
      options!.onPart!({ rows: 1000 }, new Uint8Array(2_000_000));
      return new Promise<object>(resolve => (finish = resolve));
    });
    await show();
    await press('Download');
    expect(menu.map(({ label }) => label)).toEqual([
      'CSV: loaded rows (2)',
      'Parquet: loaded rows (2)',
      'CSV: all rows, up to 100 MB',
      'Parquet: all rows, up to 100 MB'
    ]);

    expect(await choose('Download', 'CSV: all rows, up to 100 MB')).toContain('1,000 rows, 2.0 MB…');
    expect(request.mock.lastCall![0]).toEqual({ op: 'table_file', table: 't1', format: 'csv' });
    finish!({ rows: 1000, is_cut: true });

    expect(await draw()).toContain('Saved 1,000 rows in table.csv');
    expect(files[0].size).toBe(2_000_000);
    expect(output.node.querySelector('[role=alert]')!.textContent).toContain('first 1,000 rows only');
  });

  describe('with columns that are left out', () => {
    const wide = { more: false, left_out: 2 };
    const all = ['n', 'a', 'a'].map(name => ({ name, type: 'int' }));
    const answer = (cells: unknown[][]) =>
      request.mockImplementation(async body => {
        const places = body.op === 'table_more' ? body.columns! : [];
        const columns = places.map(place => ({ ...all[place], kind: 'number' }));
        return body.op === 'table_columns' ? { columns: all } : { columns, rows: cells[0].length, more: false, cells };
      });
    const list = async () => {
      await press('Choose columns');
      return [...output.node.querySelectorAll<HTMLElement>('[role=option]')];
    };

    it('loads a chosen one for the rows on the page, and keeps it with the notebook', async () => {
      answer([
        [5, 6],
        [1, 2]
      ]);
      await show(wide);
      (await list())[2].click();

      expect(await draw()).toContain('[[1,2],[5,6]]');
      const body = { op: 'table_more', table: 't1', offset: 0, limit: 2 };
      expect(request.mock.lastCall![0]).toEqual({ ...body, columns: [2, 0] });
      expect(saved?.grid).toEqual({ hidden: [], added: ['2:a'] });
      const column = { name: 'a', type: 'int', kind: 'number' };
      expect(saved?.computed?.added).toEqual([{ id: '2:a', place: 2, column, cells: [5, 6] }]);

      request.mockClear();
      expect(await press('Close the list of columns')).toContain('2 of 3 columns');
      output.dispose();
      output = new TableOutput(trans, actions);
      Widget.attach(output, document.body);
      expect(await show(wide)).toContain('[[1,2],[5,6]]');
      expect(request).not.toHaveBeenCalled();
      expect(await show({ ...wide, table: 't2' })).toContain('[[1,2],[5,6]]');
      expect(request.mock.lastCall![0]).toEqual({ ...body, table: 't2', columns: [2, 0] });
    });

    it('shows no cells of other rows', async () => {
      answer([
        [6, 5],
        [2, 1]
      ]);
      await show(wide);
      (await list())[1].click();

      const text = await draw();

      expect(text).not.toContain('6,5');
      expect(output.node.querySelector('[role=alert]')!.textContent).toContain('another order');
      expect(text).toContain('1 chosen column is not loaded');
    });

    it('loads more rows of a chosen one, too', async () => {
      answer([
        [5, 6],
        [1, 2]
      ]);
      saved = { open: 'table', views: [], grid: { added: [':a'] } };
      await show({ ...wide, more: true });
      expect(await draw()).toContain('[[1,2],[5,6]]');
      request.mockImplementation(async body =>
        body.op === 'table_more' && body.columns
          ? { columns: all, rows: 1, more: false, cells: [[7], [3]] }
          : { columns: content.columns, rows: 1, more: false, cells: [[3]] }
      );

      expect(await press('Load more')).toContain('[[1,2,3],[5,6,7]]');
      const body = { op: 'table_more', table: 't1', offset: 2, limit: 1, columns: [1, 0] };
      expect(request.mock.lastCall![0]).toEqual(body);
    });

    it('groups and saves by positions among all columns', async () => {
      answer([
        [5, 6],
        [1, 2]
      ]);
      saved = { open: '1', views: [{ ...view, isEdited: true }], grid: { added: [':a'] } };
      await show({ ...wide, more: true });
      await draw();
      request.mockResolvedValue({ keys: [[5, 6]], values: [1, 1], steps: [null], total: null, whole: null });
      const x = output.node.querySelectorAll<HTMLSelectElement>('.jp-Dbx-choice select')[1];
      x.value = 'a';
      x.dispatchEvent(new Event('change', { bubbles: true }));
      await draw();

      expect(request.mock.lastCall![0]).toMatchObject({ op: 'table_groups', columns: [1], keys: [{ column: 0 }] });
      request.mockResolvedValue({ rows: 2, is_cut: false });
      await press('Table');
      await choose('Download', 'Parquet: loaded rows (2)');
      expect(request.mock.lastCall![0]).toMatchObject({ op: 'table_file', columns: [0, 1], rows: [0, 1] });
    });
  });

  it('shows the status of a stream', async () => {
    const stream = { name: 'ticks', state: 'running' as const, batch: 3, input_rate: 2.55, processed_rate: 10 };
    expect(await show({ stream: { ...stream, problem: '' }, more: false })).toContain(
      'Stream running (ticks)batch 3, input 2.6 rows/s, processing 10 rows/s'
    );
    request.mockResolvedValue({});
    await press('Stop');
    expect(request.mock.lastCall![0]).toEqual({ op: 'stream_stop', table: 't1' });

    const text = await show({
      stream: { ...stream, problem: 'Disk full.', state: 'failed' },
      more: false,
      cells: [[7]]
    });

    expect(text).toContain('Stream failed');
    expect(output.node.querySelector('[aria-label=Stop]')).toBeNull();
    expect(output.node.querySelector('[role=alert]')!.textContent).toBe('Disk full.');
    expect(text).toContain('[[7]]');
    await press('Add a visualization or a data profile');
    expect(menu.map(({ label }) => label)).toEqual(['Visualization']);
  });
});
