/**
 * What the user has changed in a grid: sorting, filters, and which columns it shows, how wide and in which order.
 * Columns are identified by their names.
 */
import type { Column } from './table';

/** The changes; absent = none. */
export interface GridState {
  sort?: { column: string; direction: 'asc' | 'desc' }[];
  /** as the grid represents its filters */
  filter?: { [column: string]: object };
  order?: string[];
  /** px */
  widths?: { [column: string]: number };
  hidden?: string[];
  /** columns that were not loaded with the table, and are loaded because the user has chosen them */
  added?: string[];
}

/** Return a name for each column that no other has. */
export function columnIds(columns: readonly Pick<Column, 'name'>[]): string[] {
  const seen = new Map<string, number>();
  return columns.map(({ name }) => {
    const count = (seen.get(name) ?? 0) + 1;
    seen.set(name, count);
    return count === 1 ? `:${name}` : `${count}:${name}`;
  });
}

/** Return the words of a search, each of which is somewhere in a matching row; a phrase in quotes is one word. */
export function wordsOf(search: string): string[] {
  const found = search.matchAll(/"([^"]+)"|([^\s"]+)/g);
  return [...found].map(([, phrase, word]) => phrase ?? word);
}
