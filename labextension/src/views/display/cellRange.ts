/**
 * A range of cells that the user selects in a grid, as in a spreadsheet: by dragging, by Shift with a click or an arrow key, by row
 * numbers, or all of them by Ctrl+A. AG Grid has it in its paid edition only.
 */
import type {
  CellFocusedEvent,
  CellKeyDownEvent,
  CellMouseDownEvent,
  CellMouseOverEvent,
  GridApi
} from 'ag-grid-community';

/** Id of the column of row numbers, which selects whole rows. */
export const NUMBER_ID = '#';

/** A cell, by its place among those displayed. */
interface Spot {
  row: number;
  column: number;
}

/** What is selected, by places among the rows displayed, both included, and by ids of columns, in the order displayed. */
export interface Selected {
  from: number;
  to: number;
  columns: string[];
}

const STEPS: { [key: string]: Spot } = {
  ArrowUp: { row: -1, column: 0 },
  ArrowDown: { row: 1, column: 0 },
  ArrowLeft: { row: 0, column: -1 },
  ArrowRight: { row: 0, column: 1 }
};

/** Return whether a key changes the range, so that the grid itself must not act on it. */
export function isRangeKey({ key, shiftKey, ctrlKey, metaKey }: KeyboardEvent): boolean {
  return (shiftKey && key in STEPS) || ((ctrlKey || metaKey) && key === 'a');
}

/** The range of one grid. */
export class CellRange<T> {
  /** `onChange` receives what is selected; `null` = nothing. */
  constructor(private readonly onChange: (selected: Selected | null) => void) {}

  /** the grid, once it is made */
  api!: GridApi<T>;

  selected: Selected | null = null;

  /** Return whether a cell is selected. */
  has(row: number | null, id: string): boolean {
    const { selected } = this;
    return selected !== null && row !== null && selected.from <= row && row <= selected.to && this.columns.has(id);
  }

  /** Select nothing. */
  clear(): void {
    if (this.selected) {
      this.anchor = this.head = null;
      this.update();
    }
  }

  onMouseDown({ event, rowIndex, column }: CellMouseDownEvent<T>): void {
    const mouse = event as MouseEvent;
    if (mouse.button !== 0 || rowIndex === null) {
      return;
    }
    const isRow = column.getColId() === NUMBER_ID;
    const spot = { row: rowIndex, column: isRow ? this.ids().length - 1 : this.ids().indexOf(column.getColId()) };
    this.anchor = mouse.shiftKey && this.anchor ? this.anchor : { row: rowIndex, column: isRow ? 0 : spot.column };
    this.head = spot;
    this.isWhole = isRow || (mouse.shiftKey && this.isWhole);
    this.update();
  }

  onMouseOver({ event, rowIndex, column }: CellMouseOverEvent<T>): void {
    if (this.anchor && rowIndex !== null && (event as MouseEvent).buttons === 1) {
      const place = this.ids().indexOf(column.getColId());
      this.head = { row: rowIndex, column: this.isWhole ? this.ids().length - 1 : Math.max(0, place) };
      this.update();
    }
  }

  /** Begin at the cell that the keyboard has moved to. */
  onFocus({ sourceEvent, rowIndex, column }: CellFocusedEvent<T>): void {
    const id = typeof column === 'string' ? column : column?.getColId();
    if (!(sourceEvent instanceof KeyboardEvent) || rowIndex === null || id === undefined) {
      return;
    }
    this.anchor = this.head = id === NUMBER_ID ? null : { row: rowIndex, column: this.ids().indexOf(id) };
    this.isWhole = false;
    this.update();
  }

  onKeyDown({ event }: CellKeyDownEvent<T>): void {
    const keyboard = event as KeyboardEvent;
    const last = { row: this.api.getDisplayedRowCount() - 1, column: this.ids().length - 1 };
    if (keyboard.key === 'Escape') {
      this.clear();
    } else if (isRangeKey(keyboard)) {
      keyboard.preventDefault();
      if (keyboard.key === 'a') {
        [this.anchor, this.head] = [{ row: 0, column: 0 }, last];
      } else if (this.head) {
        const step = STEPS[keyboard.key];
        const moved = (name: 'row' | 'column') => Math.min(last[name], Math.max(0, this.head![name] + step[name]));
        this.head = { row: moved('row'), column: moved('column') };
        this.api.ensureIndexVisible(this.head.row);
        this.api.ensureColumnVisible(this.ids()[this.head.column]);
      }
      this.update();
    }
  }

  private ids(): string[] {
    const ids = this.api.getAllDisplayedColumns().map(column => column.getColId());
    return ids.filter(id => id !== NUMBER_ID);
  }

  private update(): void {
    const { anchor, head } = this;
    const ends = (name: 'row' | 'column') => [anchor![name], head![name]].sort((a, b) => a - b);
    if (anchor && head) {
      const [[from, to], [first, last]] = [ends('row'), ends('column')];
      this.selected = { from, to, columns: this.ids().slice(first, last + 1) };
    } else {
      this.selected = null;
    }
    this.columns = new Set(this.selected?.columns);
    this.api.refreshCells({ force: true, suppressFlash: true });
    this.onChange(this.selected);
  }

  private anchor: Spot | null = null;
  private head: Spot | null = null;
  private isWhole = false;
  private columns = new Set<string>();
}
