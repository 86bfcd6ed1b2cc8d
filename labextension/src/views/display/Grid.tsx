/**
 * The rows of a table, in a grid that sorts, filters and searches in the page.
 *
 * It is AG Grid Community (MIT), 900 kB with the modules used here (250 kB compressed), loaded with the first table. Tabulator (MIT)
 * is smaller (450 kB) and copies ranges, but the keyboard does not reach its headers, its filters have no labels, and its themes
 * have fixed colours. AG Grid works by keyboard throughout, describes rows, columns and sorting to screen readers, takes
 * JupyterLab's colours, and filters with conditions. Only selecting and copying cells belongs to its paid edition (`cellRange.ts`).
 */
import type { TranslationBundle } from '@jupyterlab/translation';
import {
  CellStyleModule,
  ClientSideRowModelApiModule,
  ClientSideRowModelModule,
  ColumnApiModule,
  ColumnAutoSizeModule,
  createGrid,
  DateFilterModule,
  EventApiModule,
  GridApi,
  GridOptions,
  LocaleModule,
  ModuleRegistry,
  NumberFilterModule,
  QuickFilterModule,
  RenderApiModule,
  RowApiModule,
  ScrollApiModule,
  TextFilterModule,
  themeQuartz,
  TooltipModule
} from 'ag-grid-community';
import * as React from 'react';

import { GridState, wordsOf } from '../../model/display/gridState';
import { Cell, Column, part, rowsOf, separated, textOf } from '../../model/display/table';
import { CellRange, isRangeKey, NUMBER_ID } from './cellRange';
import { columnOf, numberColumn, numberWidth, Row } from './gridColumns';
import { applyState, hideColumns, Selection, selectionOf, Shown, shownBy, stateOf } from './gridContents';

ModuleRegistry.registerModules([
  CellStyleModule,
  ClientSideRowModelApiModule,
  ClientSideRowModelModule,
  ColumnApiModule,
  ColumnAutoSizeModule,
  DateFilterModule,
  EventApiModule,
  LocaleModule,
  NumberFilterModule,
  QuickFilterModule,
  RenderApiModule,
  RowApiModule,
  ScrollApiModule,
  TextFilterModule,
  TooltipModule
]);

/** Height of a row, and maximum height of the grid, px. */
const ROW_PX = 26;
const MAX_PX = 420;

/** Maximum width that a column gets by its cells, px. */
const COLUMN_PX = 400;

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

interface GridProps {
  columns: Column[];
  /** as returned by `columnIds` of all columns */
  ids: string[];
  cells: Cell[][];
  /** words that every visible row contains */
  search: string;
  /** what the user has changed before */
  state: GridState;
  /** id of the column that is scrolled into view; "" = none */
  revealed: string;
  trans: TranslationBundle;
  onState(state: GridState): void;
  onShown(shown: Shown): void;
  onSelect(selection: Selection | null): void;
  /** Show a whole cell. */
  onOpen(column: Column, text: string): void;
}

/** The grid. */
export default function Grid(props: GridProps): JSX.Element {
  const { cells, search, state, revealed } = props;
  const box = React.useRef<HTMLDivElement>(null);
  const grid = React.useRef<GridApi<Row>>();
  const latest = React.useRef(props);
  latest.current = props;
  const given = JSON.stringify({ columns: props.columns, ids: props.ids });
  const named = React.useMemo(() => JSON.parse(given) as Named, [given]); // equal columns keep the grid

  React.useEffect(() => {
    const made = make(box.current!, named, () => latest.current);
    grid.current = made;
    const stop = sizeOnceVisible(box.current!, made, latest.current.state);
    return () => {
      stop();
      made.destroy();
    };
  }, [named]);
  React.useEffect(() => {
    const rows = rowsOf(cells).map((row, index) => ({ number: index + 1, cells: row }));
    grid.current!.setGridOption('rowData', rows);
    grid.current!.setColumnWidths([{ key: NUMBER_ID, newWidth: numberWidth(rows.length) }]);
    box.current!.style.height = `${Math.min(MAX_PX, 34 + 18 + Math.max(2, rows.length) * ROW_PX)}px`;
  }, [named, cells]);
  React.useEffect(() => grid.current!.setGridOption('quickFilterText', search), [named, search]);
  const { hidden } = state;
  React.useEffect(() => hideColumns(grid.current!, named.ids, { hidden }), [named, hidden]);
  React.useEffect(() => {
    if (named.ids.includes(revealed) && !hidden?.includes(revealed)) {
      grid.current!.ensureColumnVisible(revealed, 'middle');
    }
  }, [named, hidden, revealed]);

  return <div ref={box} className="jp-Dbx-grid" />;
}

/** The columns of a grid, and their ids. */
type Named = Pick<GridProps, 'columns' | 'ids'>;

function make(box: HTMLElement, named: Named, props: () => GridProps): GridApi<Row> {
  const { ids } = named;
  const range = new CellRange<Row>(selected => props().onSelect(selected && selectionOf(api, selected, ids)));
  const options = looks(named, range, props());
  const api = createGrid<Row>(box, { ...options, ...reactions(named, range, props) });
  range.api = api;
  applyState(api, props().state);
  return api;
}

/** Return how the grid looks. */
function looks({ columns, ids }: Named, range: CellRange<Row>, { cells, trans }: GridProps): GridOptions<Row> {
  return {
    theme,
    columnDefs: [numberColumn(cells[0]?.length ?? 0), ...columns.map((column, i) => columnOf(column, i, ids[i]))],
    defaultColDef: {
      resizable: true,
      sortable: true,
      minWidth: 50,
      maxWidth: 1200,
      suppressKeyboardEvent: ({ event }) => isRangeKey(event),
      cellClassRules: {
        'jp-mod-null': ({ value }) => value === null,
        'jp-mod-selected': ({ rowIndex, colDef }) => range.has(rowIndex, colDef.colId!)
      }
    },
    ensureDomOrder: true,
    enableCellTextSelection: false,
    animateRows: false,
    suppressColumnVirtualisation: columns.length < 30,
    suppressDragLeaveHidesColumns: true,
    tooltipShowDelay: 600,
    quickFilterParser: wordsOf,
    overlayNoRowsTemplate: `<span>${trans.__('No rows')}</span>`,
    localeText: { noMatchingRows: trans.__('No matching rows') }
  };
}

/** Return what the grid does when the user acts on it. */
function reactions({ columns, ids }: Named, range: CellRange<Row>, props: () => GridProps): GridOptions<Row> {
  const openCell = (id: string, value: Cell) =>
    ids.includes(id) && props().onOpen(columns[ids.indexOf(id)], textOf(value));
  const report = ({ api }: { api: GridApi<Row> }, isMoved = false) =>
    props().onState(stateOf(api, props().state, isMoved));
  return {
    onCellDoubleClicked: event => openCell(event.column.getColId(), event.value as Cell),
    onCellMouseDown: event => range.onMouseDown(event),
    onCellMouseOver: event => range.onMouseOver(event),
    onCellFocused: event => range.onFocus(event),
    onCellKeyDown: event => {
      if ('column' in event) {
        const { api, column } = event;
        const value = event.value as Cell;
        const { key, ctrlKey, metaKey } = event.event as KeyboardEvent;
        range.onKeyDown(event);
        if (key === 'c' && (ctrlKey || metaKey)) {
          void navigator.clipboard.writeText(copied(api, range, ids, props(), value));
        } else if (key === 'Enter') {
          openCell(column.getColId(), value);
        }
      }
    },
    onModelUpdated: ({ api }) => {
      range.clear(); // it is by places, which other rows have now
      props().onShown(shownBy(api, ids));
    },
    onDisplayedColumnsChanged: ({ api }) => {
      range.clear();
      props().onShown(shownBy(api, ids));
    },
    // What is restored changes nothing: it must neither be saved again nor count as an action of the user.
    onSortChanged: event => event.source.startsWith('ui') && report(event),
    onFilterChanged: event => event.source === 'columnFilter' && report(event),
    onColumnMoved: event => event.finished && event.source === 'uiColumnMoved' && report(event, true),
    onColumnResized: ({ finished, source, columns: resized }) => {
      if (finished && source === 'uiColumnResized' && resized) {
        const widths = resized.map(column => [column.getColId(), column.getActualWidth()] as const);
        const { state, onState } = props();
        onState({ ...state, widths: { ...state.widths, ...Object.fromEntries(widths) } });
      }
    }
  };
}

/** Return what Ctrl+C copies: the cells that are selected, without names, or the cell that has the focus. */
function copied(
  api: GridApi<Row>,
  range: CellRange<Row>,
  ids: string[],
  { columns, cells }: GridProps,
  value: Cell
): string {
  const { rows, columns: places } = range.selected ? selectionOf(api, range.selected, ids) : { rows: [], columns: [] };
  if (rows.length * places.length <= 1) {
    return textOf(value);
  }
  const chosen = places.map(place => cells[place]);
  return separated(
    places.map(place => columns[place]),
    rowsOf(part(chosen, rows)),
    '\t',
    false
  );
}

/** Give columns the width of their cells once the grid is visible, because hidden cells have none; return how to stop. */
function sizeOnceVisible(box: HTMLElement, api: GridApi<Row>, { widths = {} }: GridState): () => void {
  let frame = 0;
  const observer = new ResizeObserver(() => {
    if (box.clientWidth > 0) {
      if (api.getDisplayedRowCount() > 0) {
        observer.disconnect(); // until then it has its headers only, as a stream at its start
      }
      frame = requestAnimationFrame(() => {
        const ids = api.getAllDisplayedColumns().map(column => column.getColId());
        const colIds = ids.filter(id => id !== NUMBER_ID && !(id in widths));
        api.autoSizeColumns({ colIds, defaultMaxWidth: COLUMN_PX });
      });
    }
  });
  observer.observe(box);
  return () => {
    observer.disconnect();
    cancelAnimationFrame(frame);
  };
}
