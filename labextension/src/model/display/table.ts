/**
 * A table, as the kernel sends it, and operations on its cells.
 */
import type { TranslationBundle } from '@jupyterlab/translation';

/** MIME type of the output. */
export const TABLE_TYPE = 'application/vnd.jupyter-dbx.table+json';

/** A number that JavaScript cannot represent exactly is a string of digits; times are text, nested values JSON text. */
export type Cell = number | string | boolean | null;

/** One column. */
export interface Column {
  name: string;
  /** as its library (Spark, pandas …) names it */
  type: string;
  kind: 'number' | 'boolean' | 'text' | 'binary' | 'time' | 'nested';
}

/** Some rows, column by column. */
export interface Rows {
  columns: Column[];
  /** count */
  rows: number;
  /** whether the source has more rows */
  more: boolean;
  /** columns of the source that are left out, count; absent = none */
  left_out?: number;
  cells?: Cell[][];
  /** `cells` as JSON, compressed and in base 64 */
  gzip?: string;
}

/** The output of `display`. */
export interface TableContent extends Rows {
  /** id within its kernel */
  table: string;
  /** only for a table that follows a stream */
  stream?: Stream;
}

/** The status of a stream; rates are rows per second. */
export interface Stream {
  name: string;
  state: 'running' | 'ended' | 'stopped' | 'cancelled' | 'failed';
  /** number of the latest batch, from 0 on */
  batch: number | null;
  input_rate: number | null;
  processed_rate: number | null;
  /** why it failed, or "" */
  problem: string;
  /** its latest batches; missing in outputs of earlier versions */
  history?: Batch[];
}

/** Begin of a batch (s since the epoch), rows received and processed per second, and its duration, ms. */
export type Batch = [number, number | null, number | null, number | null];

/** Return the notice that columns are left out, or "". */
export function columnNotice(shown: number, leftOut: number | undefined, trans: TranslationBundle): string {
  const [first, all] = [shown, shown + (leftOut ?? 0)].map(count => count.toLocaleString('en'));
  return leftOut ? trans.__('First %1 of %2 columns', first, all) : '';
}

/** Return the cells, column by column. */
export async function cellsOf({ cells, gzip }: Rows): Promise<Cell[][]> {
  if (!gzip) {
    return cells ?? [];
  }
  const bytes = Uint8Array.from(atob(gzip), letter => letter.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('gzip'));
  return (await new Response(stream).json()) as Cell[][];
}

/** Return the rows of columns. */
export function rowsOf(cells: Cell[][]): Cell[][] {
  return (cells[0] ?? []).map((_, row) => cells.map(column => column[row]));
}

/** Return the text of a cell. */
export function textOf(cell: Cell): string {
  return cell === null ? 'null' : String(cell);
}

/** Return the order of two cells of a column: nulls first, NaN last, as in Spark. */
export function compare(kind: Column['kind'], a: Cell, b: Cell): number {
  if (a === null || b === null) {
    return Number(b === null) - Number(a === null);
  }
  if (kind !== 'number') {
    return a < b ? -1 : Number(a > b);
  }
  const [x, y] = [Number(a), Number(b)];
  if (Number.isNaN(x) || Number.isNaN(y)) {
    return Number(Number.isNaN(x)) - Number(Number.isNaN(y));
  }
  return x - y || compareDigits(String(a), String(b)) || 0;
}

/** Return the order of two decimal numbers that are equal in JavaScript's precision. */
function compareDigits(a: string, b: string): number {
  if (a === b || !/^-?\d+(\.\d+)?$/.test(a) || !/^-?\d+(\.\d+)?$/.test(b)) {
    return 0;
  }
  const scale = Math.max(...[a, b].map(text => (text.split('.')[1] ?? '').length));
  const [x, y] = [a, b].map(text => {
    const [whole, part = ''] = text.split('.');
    return BigInt(whole + part.padEnd(scale, '0'));
  });
  return x < y ? -1 : Number(x > y);
}

/** Return some rows of columns, by position. */
export function part(cells: Cell[][], rows: readonly number[]): Cell[][] {
  return cells.map(column => rows.map(row => column[row]));
}

/** Return rows as text with the names of columns, as spreadsheets read it: tabs on the clipboard, commas in files. */
export function separated(
  columns: readonly Column[],
  rows: readonly Cell[][],
  separator: '\t' | ',',
  hasNames = true
): string {
  const quoted = (text: string) =>
    /["\n\r]/.test(text) || text.includes(separator) ? `"${text.replace(/"/g, '""')}"` : text;
  const lines = [
    ...(hasNames ? [columns.map(column => column.name)] : []),
    ...rows.map(row => row.map(cell => (cell === null ? '' : String(cell))))
  ];
  return lines.map(line => line.map(quoted).join(separator)).join(separator === ',' ? '\r\n' : '\n');
}
