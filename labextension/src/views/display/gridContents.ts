/**
 * What a grid shows, and what the user has changed in it, read from the grid and applied to it.
 */
import type { GridApi } from 'ag-grid-community';

import type { GridState } from '../../model/display/gridState';
import { NUMBER_ID, Selected } from './cellRange';
import type { Row } from './gridColumns';

/** What a grid shows, in the order shown: rows and columns, by position among those on the page. */
export interface Shown {
  rows: number[];
  columns: number[];
  /** whether a search or filters hide others */
  isFiltered: boolean;
}

/** Selected cells, by position among the rows and columns on the page. */
export interface Selection {
  rows: number[];
  columns: number[];
}

/** Apply what the user has changed before; columns that no longer exist are skipped. */
export function applyState(api: GridApi<Row>, { sort = [], filter, order = [], widths = {} }: GridState): void {
  const sorts = new Map(sort.map(({ column, direction }, index) => [column, { sort: direction, sortIndex: index }]));
  const ids = order.length ? [NUMBER_ID, ...order] : [...new Set([...sorts.keys(), ...Object.keys(widths)])];
  api.applyColumnState({
    state: ids.map(colId => ({ colId, ...sorts.get(colId), ...(widths[colId] ? { width: widths[colId] } : {}) })),
    applyOrder: order.length > 0
  });
  if (filter) {
    api.setFilterModel(Object.fromEntries(Object.entries(filter).filter(([id]) => api.getColumn(id))));
  }
}

/** Return what the user has changed by now; `before` has what the grid does not know. */
export function stateOf(api: GridApi<Row>, before: GridState, isMoved: boolean): GridState {
  const { order, widths, hidden, added } = before;
  const columns = api.getColumnState();
  const filter = api.getFilterModel();
  const sorted = columns.filter(({ sort }) => sort).sort((a, b) => (a.sortIndex ?? 0) - (b.sortIndex ?? 0));
  return {
    sort: sorted.length ? sorted.map(({ colId, sort }) => ({ column: colId, direction: sort! })) : undefined,
    filter: Object.keys(filter).length ? filter : undefined,
    order: isMoved ? columns.map(column => column.colId).filter(id => id !== NUMBER_ID) : order,
    widths,
    hidden,
    added
  };
}

/** Show all columns but the hidden ones; `ids` are those of all columns. */
export function hideColumns(api: GridApi<Row>, ids: readonly string[], { hidden = [] }: GridState): void {
  const isHidden = new Set(hidden);
  api.applyColumnState({ state: ids.map(colId => ({ colId, hide: isHidden.has(colId) })) });
}

/** Return what a grid shows; `ids` are those of all columns. */
export function shownBy(api: GridApi<Row>, ids: readonly string[]): Shown {
  const rows: number[] = [];
  api.forEachNodeAfterFilterAndSort(({ data }) => data && rows.push(data.number - 1));
  const places = new Map(ids.map((id, place) => [id, place]));
  const columns = api.getAllDisplayedColumns().flatMap(column => places.get(column.getColId()) ?? []);
  return { rows, columns, isFiltered: api.isAnyFilterPresent() };
}

/** Return what is selected, by position; `ids` are those of all columns. */
export function selectionOf(api: GridApi<Row>, { from, to, columns }: Selected, ids: string[]): Selection {
  const places = Array.from({ length: to - from + 1 }, (_, index) => from + index);
  return {
    rows: places.flatMap(place => api.getDisplayedRowAtIndex(place)?.data?.number ?? []).map(number => number - 1),
    columns: columns.map(id => ids.indexOf(id))
  };
}
