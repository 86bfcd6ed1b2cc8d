/**
 * What a grid shows, and what the user has changed in it, read from the grid and applied to it.
 */
import type { GridApi } from 'ag-grid-community';

import type { GridState } from '../../model/display/gridState';
import { NUMBER_ID, Selected } from './cellRange';
import type { Row } from './gridColumns';

/** The rows that a grid shows, by position among those loaded, in the order shown. */
export interface Shown {
  rows: number[];
  /** whether a search or filters hide others */
  isFiltered: boolean;
}

/** Selected cells, by position: rows among those loaded, columns in the table. */
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

/** Return what the user has changed by now; `widths` are those known. */
export function stateOf(api: GridApi<Row>, { order, widths }: GridState, isMoved: boolean): GridState {
  const columns = api.getColumnState();
  const filter = api.getFilterModel();
  const sorted = columns.filter(({ sort }) => sort).sort((a, b) => (a.sortIndex ?? 0) - (b.sortIndex ?? 0));
  return {
    ...(sorted.length ? { sort: sorted.map(({ colId, sort }) => ({ column: colId, direction: sort! })) } : {}),
    ...(Object.keys(filter).length ? { filter } : {}),
    ...(isMoved
      ? { order: columns.map(column => column.colId).filter(id => id !== NUMBER_ID) }
      : order
        ? { order }
        : {}),
    ...(widths ? { widths } : {})
  };
}

/** Return the rows that a grid shows. */
export function shownBy(api: GridApi<Row>): Shown {
  const rows: number[] = [];
  api.forEachNodeAfterFilterAndSort(({ data }) => data && rows.push(data.number - 1));
  return { rows, isFiltered: api.isAnyFilterPresent() };
}

/** Return what is selected, by position; `ids` are those of all columns. */
export function selectionOf(api: GridApi<Row>, { from, to, columns }: Selected, ids: string[]): Selection {
  const places = Array.from({ length: to - from + 1 }, (_, index) => from + index);
  return {
    rows: places.flatMap(place => api.getDisplayedRowAtIndex(place)?.data?.number ?? []).map(number => number - 1),
    columns: columns.map(id => ids.indexOf(id))
  };
}
