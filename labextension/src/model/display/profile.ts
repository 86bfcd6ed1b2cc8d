/**
 * The profile of a table, as the kernel reports it.
 */
import type { Cell, Column } from './table';

/** MIME type of the output of `dbutils.data.summarize`. */
export const PROFILE_TYPE = 'application/vnd.jupyter-dbx.profile+json';

/** The distribution of values, in bins of one width; for times, `low` and `high` are s since the epoch. */
export interface Histogram {
  low: number;
  high: number;
  /** of each bin, 0…1 */
  shares: number[];
}

/** The profile of one column; `null` = does not apply to its type, or it has no values. */
export interface ColumnProfile {
  column: Column;
  nulls: number;
  nans: number;
  distinct: number | null;
  least: Cell;
  greatest: Cell;
  mean: Cell;
  deviation: Cell;
  /** at 5, 25, 50, 75 and 95%; empty = does not apply */
  quantiles: Cell[];
  histogram: Histogram | null;
  /** the most frequent values with their counts */
  top: [string, number][];
}

/** The profile of all columns. */
export interface ProfileContent {
  rows: number;
  /** whether distinct counts and quantiles are exact */
  precise: boolean;
  /** columns of the table that are left out, count */
  left_out: number;
  columns: ColumnProfile[];
}

/** Return a share in percent. */
export function percent(part: number, whole: number): string {
  const share = whole ? (100 * part) / whole : 0;
  return `${share > 0 && share < 0.1 ? '< 0.1' : share.toFixed(share < 10 && share > 0 ? 1 : 0)}%`;
}

/** Return a number with six significant digits, or a whole number with all; other values unchanged. */
export function numberText(cell: Cell, kind?: Column['kind']): string {
  if (cell === null) {
    return '–';
  }
  if (typeof cell !== 'number') {
    return kind === 'number' && /^-?\d+(\.\d+)?$/.test(String(cell)) ? digitsText(String(cell)) : String(cell);
  }
  const size = Math.abs(cell);
  if (size !== 0 && (size < 1e-4 || size >= 1e15)) {
    return cell.toExponential(5).replace(/\.?0+e/, 'e');
  }
  const digits = Number.isInteger(cell)
    ? {}
    : { maximumSignificantDigits: Math.max(6, String(Math.trunc(size)).length) };
  return cell.toLocaleString('en', digits);
}

/** Return a decimal number of any length with separators between its thousands. */
function digitsText(text: string): string {
  const [whole, fraction = ''] = text.split('.');
  const digits = fraction.replace(/0+$/, '');
  return BigInt(whole).toLocaleString('en') + (digits && `.${digits}`);
}
