import { Chart, chartSpec, firstChart, KINDS } from '../chartSpec';
import type { Cell, Column } from '../tableData';

const columns: Column[] = [
  { name: 'n', type: 'bigint', kind: 'number' },
  { name: 'who', type: 'string', kind: 'text' },
  { name: 'day', type: 'date', kind: 'time' },
  { name: 'a.b[0]', type: 'double', kind: 'number' }
];
const cells: Cell[][] = [
  [1, '9007199254740993', null],
  ['x', 'y', null],
  ['2026-03-01', '2026-03-02 12:30:00.5', null],
  [0.5, 'NaN', null]
];
const colors = { text: 'black', grid: 'grey' };
const chart: Chart = { kind: 'bar', x: 'who', y: 'n', series: '', aggregate: 'sum' };

// As much of Vega-Lite's specification as is looked at.
type Spec = { data: { values: object[] }; encoding: Record<string, Record<string, unknown>>; transform?: object[] };
const specOf = (changes: Partial<Chart>, some = cells) =>
  chartSpec({ ...chart, ...changes }, columns, some, colors) as unknown as Spec;

describe('chart', () => {
  it('groups the first numbers by the first texts unless somebody chooses', () => {
    expect(firstChart(columns)).toEqual(chart);
    expect(firstChart(columns.slice(2))).toMatchObject({ kind: 'line', x: 'day', y: 'a.b[0]' });
    expect(firstChart([columns[0], columns[3]])).toMatchObject({ kind: 'scatter', x: 'n', y: 'a.b[0]' });
    expect(firstChart([columns[1]])).toMatchObject({ kind: 'bar', x: 'who', y: '', aggregate: 'count' });
  });

  it.each(KINDS)('is drawn as %s', kind => {
    const spec = specOf({ kind, series: kind === 'pie' || kind === 'heat' ? '' : 'day' });
    expect(spec.data.values).toHaveLength(3);
    expect(Object.keys(spec.encoding)).toContain('color');
  });

  it('has numbers as numbers and times as they stand on the clock', () => {
    expect(specOf({ x: 'day' }).data.values).toEqual([
      { x: new Date(2026, 2, 1).getTime(), y: 1 },
      { x: new Date(2026, 2, 2, 12, 30, 0.5).getTime(), y: 9007199254740992 },
      { x: null, y: null }
    ]);
  });

  it('takes names that mean something to Vega-Lite as names', () => {
    const { encoding } = specOf({ y: 'a.b[0]', aggregate: 'mean' });
    expect(encoding.y).toMatchObject({ field: 'y', aggregate: 'mean', title: 'mean of a.b[0]' });
  });

  it('shows only the greatest of many bars', () => {
    const many = Array.from({ length: 1000 }, (_, index) => index);
    const wide = [many, many.map(String), many.map(() => null), many];
    expect(specOf({}, wide).transform).toHaveLength(3);
    expect(specOf({}).transform).toBeUndefined();
  });

  it('is none as long as a column is missing', () => {
    expect(specOf({ x: 'gone' })).toBeNull();
    expect(specOf({ kind: 'scatter', y: '' })).toBeNull();
    expect(specOf({ y: '', aggregate: 'count' })).not.toBeNull();
  });
});
