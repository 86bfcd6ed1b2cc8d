/**
 * The columns of the grid: how their cells are shown, sorted, filtered and searched.
 */
import type { ColDef } from 'ag-grid-community';

import { Cell, Column, compare, textOf } from '../../model/display/table';
import { NUMBER_ID } from './cellRange';

/** A row with its number in the table. */
export interface Row {
  number: number;
  cells: Cell[];
}

/** Return the column of row numbers, wide enough for `rows` of them; sorting by it restores the original order. */
export function numberColumn(rows: number): ColDef<Row> {
  return {
    colId: NUMBER_ID,
    headerName: '#',
    valueGetter: ({ data }) => data?.number,
    pinned: 'left',
    lockPosition: true,
    suppressMovable: true,
    width: numberWidth(rows),
    cellClass: 'jp-Dbx-rowNumber',
    getQuickFilterText: () => ''
  };
}

/** Return the width of the column of row numbers, px: that of the largest one, and of the mark of sorting. */
export function numberWidth(rows: number): number {
  return 28 + 9 * String(rows).length;
}

/** Return the column of the table at `index`. */
export function columnOf(column: Column, index: number, colId: string): ColDef<Row, Cell> {
  const { kind } = column;
  return {
    colId,
    headerName: column.name,
    headerTooltip: `${column.name}: ${column.type}`,
    headerClass: ['jp-Dbx-head', `jp-mod-${kind}`],
    valueGetter: ({ data }) => data?.cells[index] ?? null,
    valueFormatter: ({ value }) => textOf(value ?? null),
    tooltipValueGetter: ({ value }) => (String(value).length > 40 ? textOf(value ?? null).slice(0, 1000) : null),
    comparator: (a, b) => compare(kind, a ?? null, b ?? null),
    cellClass: kind === 'number' ? 'jp-mod-number' : undefined,
    ...filterOf(kind)
  };
}

function filterOf(kind: Column['kind']): ColDef<Row, Cell> {
  switch (kind) {
    case 'number':
      return {
        filter: 'agNumberColumnFilter',
        filterValueGetter: ({ getValue, column }) => numberOf(getValue(column) as Cell)
      };
    case 'time':
      return { filter: 'agDateColumnFilter', filterParams: { comparator: compareDay } };
    default:
      return { filter: 'agTextColumnFilter' };
  }
}

function numberOf(cell: Cell): number | null {
  return cell === null ? null : Number(cell);
}

/** Return the order of a cell's day and the filter's day, which the filter gives as local midnight. */
function compareDay(filterDay: Date, cell: string | null): number {
  if (cell === null) {
    return -1;
  }
  const [year, month, day] = cell.split(/[- T]/).map(Number);
  return new Date(year, month - 1, day).getTime() - filterDay.getTime();
}
