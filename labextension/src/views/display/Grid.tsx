/**
 * The rows of a table, as a grid that is sorted, filtered and searched in the page.
 *
 * It is AG Grid Community (MIT). Tabulator (MIT) was the other choice: smaller (450 kB against 880 kB with the modules used here,
 * 243 kB compressed; loaded when the first table is shown), and it can copy ranges. But its heads are no stops of the keyboard, its
 * filters are inputs without labels, and its themes are sheets with fixed colours; AG Grid is operated by keyboard throughout, tells
 * screen readers rows, columns and sorting, takes JupyterLab's colours as they are, and filters with conditions. What it leaves to its
 * paid edition, to copy, is ten lines here.
 */
import type { TranslationBundle } from '@jupyterlab/translation';
import {
  CellStyleModule,
  ClientSideRowModelModule,
  ColDef,
  ColumnAutoSizeModule,
  createGrid,
  DateFilterModule,
  GridApi,
  ModuleRegistry,
  NumberFilterModule,
  QuickFilterModule,
  RowSelectionModule,
  TextFilterModule,
  themeQuartz,
  TooltipModule
} from 'ag-grid-community';
import * as React from 'react';

import { Cell, Column, compare, rowsOf, separated, textOf } from './tableData';

ModuleRegistry.registerModules([
  CellStyleModule,
  ClientSideRowModelModule,
  ColumnAutoSizeModule,
  DateFilterModule,
  NumberFilterModule,
  QuickFilterModule,
  RowSelectionModule,
  TextFilterModule,
  TooltipModule
]);

/** Height of a row, and the greatest one of the grid, px. */
const ROW_PX = 26;
const MOST_PX = 420;

const theme = themeQuartz.withParams({
  accentColor: 'var(--jp-brand-color1)',
  backgroundColor: 'var(--jp-layout-color1)',
  borderColor: 'var(--jp-border-color2)',
  browserColorScheme: 'inherit',
  chromeBackgroundColor: 'var(--jp-layout-color2)',
  fontFamily: 'var(--jp-ui-font-family)',
  fontSize: 'var(--jp-ui-font-size1)',
  foregroundColor: 'var(--jp-ui-font-color1)',
  headerFontWeight: 600,
  headerHeight: 30,
  rowHeight: ROW_PX,
  spacing: 5,
  wrapperBorderRadius: 2
});

/** A row with its place in the table. */
interface Row {
  number: number;
  cells: Cell[];
}

interface GridProps {
  columns: Column[];
  cells: Cell[][];
  /** what every row that is shown must contain */
  search: string;
  trans: TranslationBundle;
  /** Show a whole cell. */
  onOpen(column: Column, text: string): void;
}

/** The grid. */
export default function Grid({ columns, cells, search, trans, onOpen }: GridProps): JSX.Element {
  const box = React.useRef<HTMLDivElement>(null);
  const grid = React.useRef<GridApi<Row>>();
  const open = React.useRef(onOpen);
  open.current = onOpen;
  const names = JSON.stringify(columns);

  React.useEffect(() => {
    grid.current = make(box.current!, columns, trans, (column, text) => open.current(column, text));
    return () => grid.current!.destroy();
  }, [names]);
  React.useEffect(() => {
    const rows = rowsOf(cells).map((row, index) => ({ number: index + 1, cells: row }));
    grid.current!.setGridOption('rowData', rows);
    box.current!.style.height = `${Math.min(MOST_PX, 34 + 18 + Math.max(2, rows.length) * ROW_PX)}px`;
  }, [names, cells]);
  React.useEffect(() => grid.current!.setGridOption('quickFilterText', search), [names, search]);

  return <div ref={box} className="jp-Dbx-grid" />;
}

function make(
  box: HTMLElement,
  columns: Column[],
  trans: TranslationBundle,
  onOpen: (column: Column, text: string) => void
): GridApi<Row> {
  const api = createGrid<Row>(box, {
    theme,
    columnDefs: [numberColumn(), ...columns.map(columnOf)],
    defaultColDef: { resizable: true, sortable: true, minWidth: 50, maxWidth: 1200 },
    autoSizeStrategy: { type: 'fitCellContents', defaultMaxWidth: 400 },
    rowSelection: { mode: 'multiRow', checkboxes: false, headerCheckbox: false, enableClickSelection: true },
    suppressCellFocus: false,
    ensureDomOrder: true,
    enableCellTextSelection: false,
    animateRows: false,
    suppressColumnVirtualisation: columns.length < 30,
    tooltipShowDelay: 600,
    overlayNoRowsTemplate: `<span>${trans.__('No rows')}</span>`,
    onCellDoubleClicked: event => event.column.getColId() in columns && openCell(event.column.getColId(), event.value),
    onCellKeyDown: event => {
      const key = event.event as KeyboardEvent;
      const id = 'column' in event ? event.column.getColId() : '';
      if (key.key === 'c' && (key.ctrlKey || key.metaKey)) {
        const rows = api.getSelectedRows();
        const text = rows.length > 1 ? separated(columns, inOrder(rows), '\t') : textOf((event as { value: Cell }).value);
        void navigator.clipboard.writeText(text);
      } else if (key.key === 'Enter' && id in columns) {
        openCell(id, (event as { value: Cell }).value);
      }
    }
  });
  const openCell = (id: string, value: Cell) => onOpen(columns[Number(id)], textOf(value));
  return api;
}

function inOrder(rows: Row[]): Cell[][] {
  return [...rows].sort((a, b) => a.number - b.number).map(row => row.cells);
}

/** Return the column of the rows' numbers, by which the first order comes back. */
function numberColumn(): ColDef<Row> {
  return {
    colId: 'number',
    headerName: '#',
    valueGetter: ({ data }) => data?.number,
    pinned: 'left',
    cellClass: 'jp-Dbx-rowNumber',
    getQuickFilterText: () => ''
  };
}

function columnOf(column: Column, index: number): ColDef<Row, Cell> {
  const { kind } = column;
  return {
    colId: String(index),
    headerName: column.name,
    headerTooltip: `${column.name}: ${column.type}`,
    headerClass: ['jp-Dbx-head', `jp-mod-${kind}`],
    valueGetter: ({ data }) => data?.cells[index] ?? null,
    valueFormatter: ({ value }) => textOf(value ?? null),
    tooltipValueGetter: ({ value }) => (String(value).length > 40 ? textOf(value ?? null).slice(0, 1000) : null),
    comparator: (a, b) => compare(kind, a ?? null, b ?? null),
    cellClass: kind === 'number' ? 'jp-mod-number' : undefined,
    cellClassRules: { 'jp-mod-null': ({ value }) => value === null },
    ...filterOf(kind)
  };
}

function filterOf(kind: Column['kind']): ColDef<Row, Cell> {
  switch (kind) {
    case 'number':
      return { filter: 'agNumberColumnFilter', filterValueGetter: ({ getValue, column }) => numberOf(getValue(column)) };
    case 'time':
      return { filter: 'agDateColumnFilter', filterParams: { comparator: compareDay } };
    default:
      return { filter: 'agTextColumnFilter' };
  }
}

function numberOf(cell: Cell): number | null {
  return cell === null ? null : Number(cell);
}

/** Return which day is later: that of a cell, or the one asked for, which the filter gives as local midnight. */
function compareDay(asked: Date, cell: string | null): number {
  if (cell === null) {
    return -1;
  }
  const [year, month, day] = cell.split(/[- T]/).map(Number);
  return new Date(year, month - 1, day).getTime() - asked.getTime();
}
