/**
 * What a kernel tells of a table, and what can be done with its cells.
 */

/** MIME type of the output. */
export const TABLE_TYPE = 'application/vnd.jupyter-dbx.table+json';

/** A number that JavaScript cannot read exactly is its digits in a string; times are text, nested values JSON in text. */
export type Cell = number | string | boolean | null;

/** One column. */
export interface Column {
  name: string;
  /** in the words of the library it is from */
  type: string;
  kind: 'number' | 'boolean' | 'text' | 'binary' | 'time' | 'nested';
}

/** Some rows, column by column. */
export interface Rows {
  columns: Column[];
  /** how many, count */
  rows: number;
  /** whether there are rows after these */
  more: boolean;
  cells?: Cell[][];
  /** `cells` as JSON, compressed and in base 64 */
  gzip?: string;
}

/** The output of `display`. */
export interface TableContent extends Rows {
  /** by which its kernel knows it */
  table: string;
  /** of a table that follows a stream */
  stream?: Stream;
}

/** How a stream goes; rates are rows a second. */
export interface Stream {
  name: string;
  state: 'running' | 'ended' | 'stopped' | 'failed';
  /** the newest one, from 0 on */
  batch: number | null;
  input_rate: number | null;
  processed_rate: number | null;
}

/** Return the cells, column by column. */
export async function cellsOf({ cells, gzip }: Rows): Promise<Cell[][]> {
  if (!gzip) {
    return cells ?? [];
  }
  const bytes = Uint8Array.from(atob(gzip), letter => letter.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('gzip'));
  return new Response(stream).json();
}

/** Return the rows of columns. */
export function rowsOf(cells: Cell[][]): Cell[][] {
  return (cells[0] ?? []).map((_, row) => cells.map(column => column[row]));
}

/** Return a cell as it is shown. */
export function textOf(cell: Cell): string {
  return cell === null ? 'null' : String(cell);
}

/** Return which of two cells of a column comes first: nulls do, and NaN comes last, as in Spark. */
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

/** Return which of two numbers is less that are too close for JavaScript. */
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

/** Return rows as text with a head, as spreadsheets take it: tabs between cells from the clipboard, commas in files. */
export function separated(columns: readonly Column[], rows: readonly Cell[][], separator: '\t' | ','): string {
  const quoted = (text: string) => (/["\n\r]/.test(text) || text.includes(separator) ? `"${text.replace(/"/g, '""')}"` : text);
  const lines = [columns.map(column => column.name), ...rows.map(row => row.map(cell => (cell === null ? '' : String(cell))))];
  return lines.map(line => line.map(quoted).join(separator)).join(separator === ',' ? '\r\n' : '\n');
}
