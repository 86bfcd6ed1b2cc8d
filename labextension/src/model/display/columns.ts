/**
 * Which columns of a table are shown: those loaded with it, without the hidden ones, and others that are loaded when chosen.
 */
import type { GridState } from './gridState';
import type { Cell, Column } from './table';

/** Maximum number of columns that are loaded when chosen, count: the page stays usable. */
export const MAX_ADDED = 500;

/** A column of a table, loaded or not. */
export type ColumnName = Pick<Column, 'name' | 'type'>;

/** A column that was not loaded with the table. */
export interface AddedColumn {
  /** as returned by `columnIds` of all columns */
  id: string;
  /** position among all columns of the table */
  place: number;
  column: Column;
  cells: Cell[];
}

/** A column in the list of all columns. */
export interface ColumnItem extends ColumnName {
  id: string;
  isShown: boolean;
}

/** Return columns with whether they are shown; the first `loaded` ones were loaded with the table. */
export function itemsOf(
  columns: readonly ColumnName[],
  ids: readonly string[],
  loaded: number,
  { hidden = [], added = [] }: GridState
): ColumnItem[] {
  const [hiddenIds, addedIds] = [new Set(hidden), new Set(added)];
  return columns.map(({ name, type }, place) => {
    const id = ids[place];
    return { id, name, type, isShown: (place < loaded || addedIds.has(id)) && !hiddenIds.has(id) };
  });
}

/** Return the columns whose names contain a text, in any case. */
export function matchingItems(items: readonly ColumnItem[], search: string): ColumnItem[] {
  const text = search.trim().toLowerCase();
  return items.filter(({ name }) => name.toLowerCase().includes(text));
}

/**
 * Return the state of the grid with columns shown or hidden.
 *
 * `loaded` are the columns that were loaded with the table. Of the others, no more than MAX_ADDED are shown.
 */
export function withColumns(
  grid: GridState,
  ids: readonly string[],
  isShown: boolean,
  loaded: ReadonlySet<string>
): GridState {
  const { hidden = [], added = [] } = grid;
  const changed = new Set(ids);
  if (!isShown) {
    const known = new Set([...loaded, ...added]);
    return { ...grid, hidden: [...new Set([...hidden, ...ids.filter(id => known.has(id))])] };
  }
  const others = ids.filter(id => !loaded.has(id));
  return {
    ...grid,
    hidden: hidden.filter(id => !changed.has(id)),
    added: [...new Set([...added, ...others])].slice(0, MAX_ADDED)
  };
}

/**
 * Return the column that tells best whether rows are the same when they are read again, by position; null = none does.
 *
 * Only cells that are never cut are compared, because long ones may be cut at another length.
 */
export function witnessOf(columns: readonly Column[], cells: Cell[][]): number | null {
  const counts = columns.map(({ kind }, place) =>
    ['number', 'time', 'boolean'].includes(kind) ? new Set(cells[place].slice(0, 100)).size : 0
  );
  const most = Math.max(0, ...counts);
  return most > 0 ? counts.indexOf(most) : null;
}
