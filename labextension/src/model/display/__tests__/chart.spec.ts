import { Chart, defaultChart, groupRequest, isComplete, KINDS, OTHER, pointsOf } from '../chart';
import { chartSpec } from '../chartSpec';
import type { Cell, Column } from '../table';

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

// The part of Vega-Lite's specification that the tests read.
type Spec = { data: { values: object[] }; encoding: Record<string, Record<string, unknown>> };
const points = (changes: Partial<Chart>, some = cells) => pointsOf({ ...chart, ...changes }, columns, some, null);
const specOf = (changes: Partial<Chart>, some = cells) =>
  chartSpec({ ...chart, ...changes }, columns, points(changes, some), colors) as unknown as Spec;

/** Rows with 20,000 different texts: `n` of the row `i` is `i`. */
const many = Array.from({ length: 20_000 }, (_, index) => index);
const names = many.map(index => `v${index}`);
const manyRows: Cell[][] = [many, names, many.map(() => null), many];

describe('chart', () => {
  it('groups the first numbers by the first texts by default', () => {
    expect(defaultChart(columns)).toEqual(chart);
    expect(defaultChart(columns.slice(2))).toMatchObject({ kind: 'line', x: 'day', y: 'a.b[0]' });
    expect(defaultChart([columns[0], columns[3]])).toMatchObject({ kind: 'scatter', x: 'n', y: 'a.b[0]' });
    expect(defaultChart([columns[1]])).toMatchObject({ kind: 'bar', x: 'who', y: '', aggregate: 'count' });
  });

  it.each(KINDS)('is drawn as %s', kind => {
    const isPlain = kind === 'pie' || kind === 'heat' || kind === 'histogram';
    const spec = specOf({ kind, series: isPlain ? '' : 'day' });
    expect(spec.data.values).toHaveLength(3);
    expect('color' in spec.encoding).toBe(kind !== 'histogram');
  });

  it('has numbers as numbers, and times by the wall clock', () => {
    expect(specOf({ kind: 'scatter', x: 'day' }).data.values).toEqual([
      { x: new Date(2026, 2, 1).getTime(), y: 1 },
      { x: new Date(2026, 2, 2, 12, 30, 0.5).getTime(), y: 9007199254740992 },
      { x: null, y: null }
    ]);
  });

  it('supports names with a meaning in Vega-Lite, and has one word for an average', () => {
    const { encoding } = specOf({ y: 'a.b[0]', aggregate: 'avg' });
    expect(encoding.y).toMatchObject({ field: 'y', title: 'avg of a.b[0]' });
  });

  it('has whole numbers on an axis of counts', () => {
    const two = [...cells.slice(0, 1), ['x', 'x', 'y'], ...cells.slice(2)];
    const counts = { y: '', aggregate: 'count' } as const;
    expect(specOf(counts, two).encoding.y).toMatchObject({ axis: { values: [0, 1, 2] } });
    expect(specOf({ ...counts, series: 'day' }, two).encoding.y).toMatchObject({ axis: { values: [0, 1, 2] } });
    expect(specOf({ ...counts, kind: 'line', series: 'day' }, two).encoding.y).toMatchObject({
      axis: { values: [0, 1] }
    });
    expect(specOf({ kind: 'histogram', x: 'n' }, manyRows).encoding.y).not.toHaveProperty('axis');
    expect(specOf({ aggregate: 'avg' }).encoding.y).not.toHaveProperty('axis');
  });

  it('shows the greatest of many values, and how many there are', () => {
    const found = points({}, manyRows);
    expect(found).toMatchObject({ drawn: 50, total: 20_000, hasOther: false });
    expect(found.x.slice(0, 2)).toEqual(['v19999', 'v19998']);
  });

  it('has few slices, and one for all others', () => {
    const found = points({ kind: 'pie' }, manyRows);
    expect(found).toMatchObject({ drawn: 10, total: 20_000, hasOther: true });
    expect(found.x).toHaveLength(11);
    expect(found.x[10]).toBe(OTHER);
    expect(found.y.reduce<number>((a, b) => a + Number(b), 0)).toBe((20_000 * 19_999) / 2);
    expect(points({ kind: 'pie', aggregate: 'avg' }, manyRows).x).not.toContain(OTHER); // averages cannot be added
  });

  it('adds what the kernel has left out to the slice of all others', () => {
    const keys = [names.slice(0, 11)];
    const groups = { keys, values: many.slice(0, 11), steps: [null], total: 500, whole: 1000 };
    const found = pointsOf({ ...chart, kind: 'pie' }, columns, cells, groups);
    expect(found.total).toBe(500);
    expect(found.y[10]).toBe(1000 - 55);
  });

  it('has a limited number of points and of values without aggregation', () => {
    const found = points({ kind: 'scatter', x: 'n', y: 'a.b[0]' }, manyRows);
    expect(Math.abs(found.x.length - 5000)).toBeLessThan(5);
    expect(found.x.length + found.leftOut).toBe(20_000);
    expect(new Set(found.x.map(cell => Number(cell) % 4)).size).toBe(4); // a sample with a period would have one
    expect(points({ aggregate: 'none' }, manyRows)).toMatchObject({ drawn: 50, total: 20_000 });
  });

  it('has a limited number of series, and one for all others', () => {
    const found = points({ x: 'day', series: 'who', aggregate: 'count' }, manyRows);
    expect(new Set(found.series).size).toBe(9);
    expect(found.y.reduce<number>((a, b) => a + Number(b), 0)).toBe(20_000);
  });

  it('has many numbers and times in bins of round widths', () => {
    const { keys } = groupRequest({ ...chart, kind: 'histogram', x: 'n' }, columns)!;
    expect(keys).toEqual([{ column: 0, most: 30 }]);
    const found = points({ kind: 'histogram', x: 'n' }, manyRows);
    expect(found.steps).toEqual([1000]);
    expect(found.y).toEqual(Array.from({ length: 20 }, () => 1000));
    const hours = many.map(index => new Date(Date.UTC(2026, 0, 1, index)).toISOString().slice(0, 19));
    const times = points({ x: 'day', aggregate: 'count' }, [many, names, hours, many]);
    expect(times.steps).toEqual(['month']);
    expect(times.x.slice(0, 2)).toEqual(
      ['2026-01-01T00:00:00', '2026-02-01 00:00:00'].map(text => text.slice(0, 10) + ' 00:00:00')
    );
  });

  it('is missing while a column is', () => {
    expect(isComplete({ ...chart, x: 'gone' }, columns)).toBe(false);
    expect(isComplete({ ...chart, kind: 'scatter', y: '' }, columns)).toBe(false);
    expect(isComplete({ ...chart, y: 'who' }, columns)).toBe(false); // texts have no sum
    expect(isComplete({ ...chart, y: '', aggregate: 'count' }, columns)).toBe(true);
  });
});
