/**
 * Groups of rows, which charts show: computed here of the rows on the page, or by the kernel of all rows.
 */
import type { Cell, Column } from './table';

/** What is computed of each group; all but "none", for which rows are not grouped. */
export const AGGREGATES = ['count', 'sum', 'avg', 'min', 'max', 'median', 'none'] as const;

export type Aggregate = (typeof AGGREGATES)[number];

/** Units of time, finest first, their length in s, and the length of a time's text that they keep. */
const UNITS = [
  { name: 'second', seconds: 1, length: 19 },
  { name: 'minute', seconds: 60, length: 16 },
  { name: 'hour', seconds: 3600, length: 13 },
  { name: 'day', seconds: 86_400, length: 10 },
  { name: 'month', seconds: 2_629_746, length: 7 },
  { name: 'year', seconds: 31_556_952, length: 4 }
] as const;

/** The width of a bin: a number, or a unit of time; null = each value is a group. */
export type Step = number | (typeof UNITS)[number]['name'] | null;

/** Columns by position. Numbers and times with more than `most` distinct values are put into at most so many bins. */
export interface GroupRequest {
  keys: { column: number; most: number }[];
  aggregate: Exclude<Aggregate, 'none'>;
  /** the column that is aggregated */
  value?: number;
}

/** Groups of rows. */
export interface Groups {
  /** of each key, a cell per group: a value, or the start of a bin */
  keys: Cell[][];
  /** of each group */
  values: Cell[];
  /** of each key */
  steps: Step[];
  /** number of different first keys, and sum of the values, also of the groups that are left out; null = none are */
  total: number | null;
  whole: number | null;
}

/** Return whether the values of several groups can be added. */
export function isAdditive(aggregate: Aggregate): boolean {
  return aggregate === 'count' || aggregate === 'sum';
}

/** Return whether a column has points in time; times of day and durations are texts to charts. */
export function isTemporal({ kind, type }: Column): boolean {
  return kind === 'time' && !/^(time(\(|$|32|64)|duration|timedelta|interval)/.test(type);
}

/** Return a time in ms since the epoch; it keeps the wall clock of the table. */
export function instantOf(cell: Cell): number {
  const [year, month = 1, day = 1, hour = 0, minute = 0, second = 0] = String(cell)
    .split(/[- T:]/)
    .map(parseFloat);
  return new Date(year, month - 1, day, hour, minute, second).getTime();
}

/** Return the group that each cell of a column belongs to. */
export function keysOf(column: Column, cells: readonly Cell[], most: number): { keys: Cell[]; step: Step } {
  const isTime = isTemporal(column);
  if ((column.kind !== 'number' && !isTime) || new Set(cells).size <= most) {
    return { keys: [...cells], step: null };
  }
  const numbers = cells.map(cell => (cell === null ? NaN : isTime ? instantOf(cell) / 1000 : Number(cell)));
  const [low, high] = numbers.reduce(
    ([least, greatest], n) => (Number.isFinite(n) ? [Math.min(least, n), Math.max(greatest, n)] : [least, greatest]),
    [Infinity, -Infinity]
  );
  if (!(low < high)) {
    return { keys: [...cells], step: null };
  }
  if (isTime) {
    const unit = unitOf(high - low, most, column.type);
    return { keys: cells.map(cell => cell && truncated(String(cell), unit.length)), step: unit.name };
  }
  const step = widthOf(low, high, most);
  return { keys: numbers.map(n => (Number.isFinite(n) ? Math.floor(n / step) * step : null)), step };
}

/** Return groups of rows. */
export function groupsOf(
  { keys, aggregate, value }: GroupRequest,
  columns: readonly Column[],
  cells: Cell[][]
): Groups {
  const found = keys.map(({ column, most }) => keysOf(columns[column], cells[column], most));
  const groups = new Map<string, { keys: Cell[]; count: number; numbers: number[] }>();
  for (let row = 0; row < (cells[0]?.length ?? 0); row++) {
    const own = found.map(({ keys }) => keys[row]);
    const name = JSON.stringify(own);
    const group = groups.get(name) ?? { keys: own, count: 0, numbers: [] };
    groups.set(name, group);
    group.count++;
    const cell = value === undefined ? null : cells[value][row];
    if (cell !== null) {
      group.numbers.push(Number(cell));
    }
  }
  const all = [...groups.values()];
  return {
    keys: keys.map((_, index) => all.map(group => group.keys[index])),
    values: all.map(({ count, numbers }) => (aggregate === 'count' ? count : aggregated(aggregate, numbers))),
    steps: found.map(({ step }) => step),
    total: null,
    whole: null
  };
}

function aggregated(aggregate: Exclude<Aggregate, 'none' | 'count'>, numbers: number[]): number | null {
  if (!numbers.length) {
    return null;
  }
  const sum = () => numbers.reduce((a, b) => a + b, 0);
  switch (aggregate) {
    case 'sum':
      return sum();
    case 'avg':
      return sum() / numbers.length;
    case 'min':
      return numbers.reduce((a, b) => Math.min(a, b));
    case 'max':
      return numbers.reduce((a, b) => Math.max(a, b));
    case 'median': {
      const sorted = [...numbers].sort((a, b) => a - b);
      return (sorted[(sorted.length - 1) >> 1] + sorted[sorted.length >> 1]) / 2;
    }
  }
}

/** Return the width of at most `most` bins: 1, 2 or 5 times a power of ten. */
function widthOf(low: number, high: number, most: number): number {
  const least = (high - low) / Math.max(1, most - 1); // bins start at multiples of the width, so that one more is needed
  const power = 10 ** Math.floor(Math.log10(least));
  return [1, 2, 5].map(factor => factor * power).find(width => width >= least * (1 - 1e-9)) ?? 10 * power;
}

function unitOf(spanS: number, most: number, type: string): (typeof UNITS)[number] {
  const units = UNITS.slice(/^date(32|64)?\b/.test(type) ? 3 : 0);
  return units.find(({ seconds }) => spanS / seconds < most) ?? UNITS[UNITS.length - 1];
}

/** Return the start of the unit that a time is in: the first characters of its text, filled up. */
function truncated(time: string, length: number): string {
  const start = '0000-01-01 00:00:00';
  return time.slice(0, length) + start.slice(length, Math.max(10, Math.min(19, time.length)));
}

/** Return the end of a bin that starts at `cell`, which is a number, or ms since the epoch for a unit of time. */
export function endOf(cell: Cell, step: Step): number {
  if (typeof step === 'number') {
    return Number(cell) + step;
  }
  const end = new Date(instantOf(cell));
  switch (step) {
    case 'year':
      return end.setFullYear(end.getFullYear() + 1);
    case 'month':
      return end.setMonth(end.getMonth() + 1);
    case 'day':
      return end.setDate(end.getDate() + 1);
    default:
      return end.getTime() + 1000 * (UNITS.find(({ name }) => name === step)?.seconds ?? 0);
  }
}
