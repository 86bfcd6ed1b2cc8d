/**
 * Charts of a table: what can be chosen, and which points are drawn.
 */
import { Aggregate, GroupRequest, Groups, groupsOf, isAdditive, isTemporal, keysOf, Step } from './groups';
import { Cell, Column, compare, part } from './table';

export const KINDS = ['bar', 'line', 'area', 'scatter', 'histogram', 'box', 'pie', 'heat'] as const;

/** The choices of a chart; columns by name, "" = none. */
export interface Chart {
  kind: (typeof KINDS)[number];
  x: string;
  y: string;
  series: string;
  aggregate: Aggregate;
}

/** What a chart draws; `null` = no such channel. */
export interface Points {
  x: Cell[];
  y: Cell[];
  series: Cell[] | null;
  /** widths of the bins that `x`, and `y` of a heat map, start */
  steps: Step[];
  /** of a heat map: the number of rows in each cell */
  counts: Cell[] | null;
  /** different values of `x`, count: drawn, and of all of them */
  drawn: number;
  total: number;
  /** whether all others are drawn as one */
  hasOther: boolean;
  /** points that are left out, count */
  leftOut: number;
}

/** The name of what is left out, which no value of a table has. */
export const OTHER = '«other»';

/** Maximum number of values of texts, and of slices and series, the greatest ones. */
const MAX_VALUES = 50;
const MAX_SLICES = 10;
const MAX_SERIES = 8;

/** Maximum number of points that are drawn without aggregation. */
const MAX_POINTS = 5000;

/** Maximum number of bins along each axis, by kind of chart. */
const BINS: { [kind in Chart['kind']]?: number[] } = {
  line: [1000, 20],
  area: [1000, 20],
  histogram: [30],
  heat: [30, 20]
};
const OTHER_BINS = [40, 20];

/** Return which choices a kind of chart has. */
export function choicesOf(kind: Chart['kind']): { y: boolean; series: boolean; aggregate: boolean } {
  return {
    y: kind !== 'histogram',
    series: !['pie', 'heat', 'histogram'].includes(kind),
    aggregate: ['bar', 'line', 'area', 'pie'].includes(kind)
  };
}

/** Return the default chart: the first number column, grouped by the first column that can group it. */
export function defaultChart(columns: readonly Column[]): Chart {
  const groups = columns.find(column => ['text', 'boolean', 'time'].includes(column.kind));
  const x = groups ?? columns[0];
  const y = columns.find(column => column.kind === 'number' && column !== x);
  return {
    kind: x?.kind === 'time' ? 'line' : groups || !y ? 'bar' : 'scatter',
    x: x?.name ?? '',
    y: y?.name ?? '',
    series: '',
    aggregate: y ? 'sum' : 'count'
  };
}

/** Where a chart's columns are in the table; -1 = none. */
interface Places {
  x: number;
  y: number;
  series: number;
}

function placesOf(chart: Chart, columns: readonly Column[]): Places {
  const { y, series } = choicesOf(chart.kind);
  const at = (name: string) => columns.findIndex(column => column.name === name);
  return { x: at(chart.x), y: y ? at(chart.y) : -1, series: series ? at(chart.series) : -1 };
}

/** Return whether all columns that a chart needs are chosen. */
export function isComplete(chart: Chart, columns: readonly Column[]): boolean {
  const { x, y } = placesOf(chart, columns);
  const isGrouped = choicesOf(chart.kind).aggregate;
  const needsY = isGrouped ? chart.aggregate !== 'count' : chart.kind !== 'histogram';
  const needsNumber = isGrouped && !['count', 'none'].includes(chart.aggregate);
  return x >= 0 && (!needsY || y >= 0) && (!needsNumber || columns[y].kind === 'number');
}

/** Return the request for the groups of a complete chart; `null` = it draws rows as they are. */
export function groupRequest(chart: Chart, columns: readonly Column[]): GroupRequest | null {
  const { kind, aggregate } = chart;
  const { x, y, series } = placesOf(chart, columns);
  const [most, mostSeries] = BINS[kind] ?? OTHER_BINS;
  if (kind === 'heat' || kind === 'histogram') {
    const keys = kind === 'heat' ? [x, y] : [x];
    return { keys: keys.map((column, i) => ({ column, most: i ? mostSeries : most })), aggregate: 'count' };
  }
  if (!choicesOf(kind).aggregate || aggregate === 'none') {
    return null;
  }
  const keys = [{ column: x, most: kind === 'pie' ? MAX_SLICES : most }];
  if (series >= 0) {
    keys.push({ column: series, most: MAX_SERIES });
  }
  return { keys, aggregate, ...(aggregate === 'count' ? {} : { value: y }) };
}

/** Return the points of a complete chart: of groups if it has them, else of these rows. */
export function pointsOf(chart: Chart, columns: readonly Column[], cells: Cell[][], groups: Groups | null): Points {
  const request = groupRequest(chart, columns);
  if (request) {
    const found = groups ?? groupsOf(request, columns, cells);
    return chart.kind === 'heat' ? heatOf(chart, columns, found) : cappedGroups(chart, columns, found);
  }
  return chart.kind === 'box' ? boxesOf(chart, columns, cells) : rowsAsPoints(chart, columns, cells);
}

/** Return the cells of a heat map; of texts only the most frequent ones. */
function heatOf(chart: Chart, columns: readonly Column[], { keys, values, steps, total }: Groups): Points {
  const places = placesOf(chart, columns);
  const [kept, others] = keys.map(own => greatest(own, values, MAX_VALUES));
  const found = values.map((_, group) => group).filter(i => kept.kept.has(keys[0][i]) && others.kept.has(keys[1][i]));
  const order = (axis: 0 | 1, a: number, b: number) =>
    compare(columns[axis ? places.y : places.x].kind, keys[axis][a], keys[axis][b]);
  found.sort((a, b) => order(0, a, b) || order(1, a, b));
  const [x, y, counts] = part([...keys, values], found);
  return { ...DRAWN, x, y, counts, steps, drawn: kept.kept.size, total: total ?? kept.total };
}

/** Points of which none are left out. */
const DRAWN = { series: null, counts: null, hasOther: false, leftOut: 0 };

/** Keep the greatest values of `x` and of the series; the others become one where that makes sense. */
function cappedGroups(chart: Chart, columns: readonly Column[], groups: Groups): Points {
  const { keys, values, steps, whole } = groups;
  const { x: place } = placesOf(chart, columns);
  const canAdd = isAdditive(chart.aggregate) || chart.kind === 'histogram';
  const isOrdered = steps[0] !== null || isTemporal(columns[place]) || chart.kind === 'line' || chart.kind === 'area';
  const isText = columns[place].kind !== 'number' && !isTemporal(columns[place]);
  const most = chart.kind === 'pie' ? MAX_SLICES : isOrdered && !isText ? Infinity : MAX_VALUES;
  const x = greatest(keys[0], values, most);
  const series = keys[1] ? greatest(keys[1], values, MAX_SERIES) : null;
  const total = groups.total ?? x.total;
  const sums = new Map<string, { x: Cell; series: Cell; y: Cell }>();
  let rest = whole === null ? 0 : whole - values.reduce<number>((sum, value) => sum + Number(value ?? 0), 0);
  keys[0].forEach((key, group) => {
    const own = keys[1]?.[group] ?? null;
    if (!x.kept.has(key)) {
      rest += Number(values[group] ?? 0);
      return;
    }
    const inSeries = !series || series.kept.has(own) ? own : OTHER;
    if (inSeries === OTHER && !canAdd) {
      return;
    }
    const name = JSON.stringify([key, inSeries]);
    const before = sums.get(name)?.y;
    const y = before === undefined ? values[group] : Number(before ?? 0) + Number(values[group] ?? 0);
    sums.set(name, { x: key, series: inSeries, y });
  });
  const points = [...sums.values()].sort(orderOf(chart, columns[place], x.kept, total > x.kept.size));
  const hasOther = chart.kind === 'pie' && canAdd && total > x.kept.size;
  if (hasOther) {
    points.push({ x: OTHER, series: null, y: rest });
  }
  return {
    ...DRAWN,
    x: points.map(point => point.x),
    y: points.map(point => point.y),
    series: series && points.map(point => point.series),
    steps,
    drawn: x.kept.size,
    total,
    hasOther
  };
}

type Point = { x: Cell; y: Cell };

/** Return the order of points: the greatest first where others are left out and in a pie, else by `x`. */
function orderOf(
  chart: Chart,
  column: Column,
  kept: Map<Cell, number>,
  isCut: boolean
): (a: Point, b: Point) => number {
  if (isCut || chart.kind === 'pie') {
    return (a, b) => kept.get(a.x)! - kept.get(b.x)!;
  }
  return (a, b) => compare(column.kind, a.x, b.x);
}

/** Return the keys with the greatest values and their ranks, and how many keys there are. */
function greatest(keys: Cell[], values: Cell[], most: number): { kept: Map<Cell, number>; total: number } {
  const sizes = new Map<Cell, number>();
  keys.forEach((key, group) => sizes.set(key, (sizes.get(key) ?? 0) + Math.abs(Number(values[group] ?? 0))));
  const sorted = [...sizes].sort(([, a], [, b]) => b - a).slice(0, most);
  return { kept: new Map(sorted.map(([key], rank) => [key, rank])), total: sizes.size };
}

/** Return rows as points: of texts the first values, of too many points a sample. */
function rowsAsPoints(chart: Chart, columns: readonly Column[], cells: Cell[][]): Points {
  const { x, y, series } = placesOf(chart, columns);
  const isText = columns[x].kind !== 'number' && !isTemporal(columns[x]);
  const values = [...new Set(cells[x])];
  const kept = new Set(isText ? values.slice(0, MAX_VALUES) : values);
  const all = cells[x].flatMap((cell, row) => (kept.has(cell) ? [row] : []));
  const rows = sampled(all, MAX_POINTS);
  const [own, others, names] = part([cells[x], cells[y], cells[series] ?? []], rows);
  return {
    ...DRAWN,
    x: own,
    y: others,
    series: series < 0 ? null : names,
    steps: [null],
    drawn: kept.size,
    total: values.length,
    leftOut: all.length - rows.length
  };
}

/** Return about so many of the rows, spread evenly but without a period, which the rows might have, too. */
function sampled(rows: number[], most: number): number[] {
  const golden = (Math.sqrt(5) - 1) / 2;
  return rows.length <= most ? rows : rows.filter((_, index) => (index * golden) % 1 < most / rows.length);
}

/** Return all rows of the most frequent values of `x`; numbers and times are put into bins. */
function boxesOf(chart: Chart, columns: readonly Column[], cells: Cell[][]): Points {
  const { x, y, series } = placesOf(chart, columns);
  const { keys, step } = keysOf(columns[x], cells[x], OTHER_BINS[0]);
  const { kept, total } = greatest(
    keys,
    keys.map(() => 1),
    MAX_VALUES
  );
  const rows = keys.flatMap((key, row) => (kept.has(key) ? [row] : []));
  rows.sort((a, b) => compare(columns[x].kind, keys[a], keys[b]));
  const [own, others, names] = part([keys, cells[y], cells[series] ?? []], rows);
  return {
    ...DRAWN,
    x: own,
    y: others,
    series: series < 0 ? null : names,
    steps: [step],
    drawn: kept.size,
    total
  };
}
