/**
 * What a kernel tells of what a table holds.
 */
import type { Cell, Column } from './tableData';

/** MIME type of the output of `dbutils.data.summarize`. */
export const PROFILE_TYPE = 'application/vnd.jupyter-dbx.profile+json';

/** How values spread, in bars of one width; for times, `low` and `high` are s since the epoch. */
export interface Histogram {
  low: number;
  high: number;
  /** of each bar, 0…1 */
  shares: number[];
}

/** What one column holds; `null` = makes no sense for its type, or there is no value. */
export interface ColumnProfile {
  column: Column;
  nulls: number;
  nans: number;
  distinct: number | null;
  least: Cell;
  greatest: Cell;
  mean: Cell;
  deviation: Cell;
  /** the values below which 5, 25, 50, 75 and 95 % are; or none */
  quantiles: Cell[];
  histogram: Histogram | null;
  /** values and how often each occurs */
  top: [string, number][];
}

/** What a table holds. */
export interface ProfileContent {
  rows: number;
  /** whether numbers of distinct values and quantiles are exact */
  precise: boolean;
  columns: ColumnProfile[];
}

/** Return a share in percent, as it is shown. */
export function percent(part: number, whole: number): string {
  const share = whole ? (100 * part) / whole : 0;
  return `${share > 0 && share < 0.1 ? '< 0.1' : share.toFixed(share < 10 && share > 0 ? 1 : 0)} %`;
}

/** Return a number in as many digits as tell something; whatever is no number, as it is. */
export function numberWords(cell: Cell): string {
  if (typeof cell !== 'number') {
    return cell === null ? '–' : String(cell);
  }
  return Number.isInteger(cell) ? cell.toLocaleString('en') : String(Number(cell.toPrecision(5)));
}
