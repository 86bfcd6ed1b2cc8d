/**
 * The list of all columns of a table, beside the grid, in which the user chooses those that are shown.
 */
import type { TranslationBundle } from '@jupyterlab/translation';
import { checkIcon, closeIcon } from '@jupyterlab/ui-components';
import * as React from 'react';

import { ColumnItem, ColumnName, itemsOf, matchingItems, MAX_ADDED, withColumns } from '../../model/display/columns';
import { columnIds, GridState } from '../../model/display/gridState';
import { Problem } from '../Problem';
import { Button, IconButton } from '../ui/Button';
import type { TableKernel } from './actions';

/** Height of a row, px, and number of rows that are drawn: a table may have many thousand columns. */
const ROW_PX = 24;
const DRAWN = 60;

interface ColumnChooserProps {
  /** the columns on the page, and their ids */
  columns: readonly ColumnName[];
  ids: readonly string[];
  /** number of those that were loaded with the table */
  loadedColumns: number;
  /** number of those that were not */
  leftOut: number;
  grid: GridState;
  /** null = only columns on the page can be chosen */
  kernel: TableKernel | null;
  trans: TranslationBundle;
  /** `revealed` = the column that the user wants to see now */
  onChange(grid: GridState, revealed?: string): void;
  onClose(): void;
}

/** The list with a search, which has the focus: the arrow keys move, Enter shows or hides, Escape closes. */
export function ColumnChooser(props: ColumnChooserProps): JSX.Element {
  const { ids, loadedColumns, grid, trans, onChange, onClose } = props;
  const { items, problem } = useItems(props);
  const [search, setSearch] = React.useState('');
  const [active, setActive] = React.useState(0);
  const prefix = React.useId();
  const found = matchingItems(items, search);
  const set = (changed: readonly ColumnItem[], isShown: boolean, revealed?: string) => {
    const loaded = new Set(ids.slice(0, loadedColumns));
    const chosen = changed.map(({ id }) => id);
    onChange(withColumns(grid, chosen, isShown, loaded), revealed);
  };
  const toggle = (item: ColumnItem | undefined) =>
    item && set([item], !item.isShown, item.isShown ? undefined : item.id);
  const onKeyDown = (event: React.KeyboardEvent) => {
    const steps: { [key: string]: number } = { ArrowDown: 1, ArrowUp: -1, PageDown: 10, PageUp: -10 };
    if (event.key in steps) {
      setActive(Math.max(0, Math.min(found.length - 1, active + steps[event.key])));
    } else if (event.key === 'Enter') {
      toggle(found[active]);
    } else if (event.key === 'Escape') {
      onClose();
    } else {
      return;
    }
    event.preventDefault();
  };
  return (
    <section className="jp-Dbx-columnChooser" aria-label={trans.__('Columns')}>
      <div className="jp-Dbx-line">
        <input
          type="search"
          role="combobox"
          className="jp-Dbx-search"
          aria-expanded="true"
          aria-controls={`${prefix}list`}
          aria-activedescendant={found.length ? `${prefix}${active}` : undefined}
          aria-label={trans.__('Search columns')}
          placeholder={trans.__('Search columns')}
          value={search}
          ref={useFocus()}
          onKeyDown={onKeyDown}
          onChange={event => {
            setSearch(event.target.value);
            setActive(0);
          }}
        />
        <IconButton icon={closeIcon} label={trans.__('Close the list of columns')} onClick={onClose} />
      </div>
      <div className="jp-Dbx-line">
        <Button onClick={() => set(found, true)}>{trans.__('Select all')}</Button>
        <Button onClick={() => set(found, false)}>{trans.__('Clear all')}</Button>
      </div>
      <Problem text={problem} />
      <List items={found} active={active} prefix={prefix} trans={trans} onToggle={toggle} onActive={setActive} />
      <Count {...props} items={items} />
    </section>
  );
}

function Count(props: ColumnChooserProps & { items: readonly ColumnItem[] }): JSX.Element {
  const { items, leftOut, loadedColumns, trans } = props;
  const shown = items.filter(item => item.isShown).length;
  const [some, all, first] = [shown, items.length, loadedColumns].map(count => count.toLocaleString('en'));
  return (
    <p className="jp-Dbx-hint" role="status">
      {trans.__('%1 of %2 shown', some, all)}
      {leftOut > 0 && ` · ${trans.__('up to %1 beyond the first %2', MAX_ADDED, first)}`}
    </p>
  );
}

/** Return a reference that gives an element the focus once, when it appears. */
function useFocus(): React.RefObject<HTMLInputElement> {
  const element = React.useRef<HTMLInputElement>(null);
  React.useEffect(() => element.current?.focus({ preventScroll: true }), []);
  return element;
}

/** All columns of the table: the kernel is asked for those that are not on the page. */
function useItems({ columns, ids, loadedColumns, leftOut, grid, kernel }: ColumnChooserProps): {
  items: ColumnItem[];
  problem: string;
} {
  const [all, setAll] = React.useState<ColumnName[] | null>(null);
  const [problem, setProblem] = React.useState('');
  React.useEffect(() => {
    let isCurrent = true;
    setAll(null);
    setProblem('');
    if (leftOut && kernel) {
      kernel.columns().then(
        found => isCurrent && setAll(found),
        (error: Error) => isCurrent && setProblem(error.message)
      );
    }
    return () => {
      isCurrent = false;
    };
  }, [kernel, leftOut]);
  const items = React.useMemo(
    () => (all ? itemsOf(all, columnIds(all), loadedColumns, grid) : itemsOf(columns, ids, loadedColumns, grid)),
    [all, columns, ids, loadedColumns, grid]
  );
  return { items, problem };
}

interface ListProps {
  items: readonly ColumnItem[];
  active: number;
  /** of the ids of options */
  prefix: string;
  trans: TranslationBundle;
  onToggle(item: ColumnItem): void;
  onActive(index: number): void;
}

/** The options, of which only those in view are drawn. */
function List({ items, active, prefix, trans, onToggle, onActive }: ListProps): JSX.Element {
  const box = React.useRef<HTMLDivElement>(null);
  const [first, setFirst] = React.useState(0);
  React.useEffect(() => {
    const { scrollTop, clientHeight } = box.current!;
    const top = active * ROW_PX;
    if (top < scrollTop) {
      box.current!.scrollTop = top;
    } else if (top + ROW_PX > scrollTop + clientHeight) {
      box.current!.scrollTop = top + ROW_PX - clientHeight;
    }
  }, [active, items.length]);
  const onScroll = (event: React.UIEvent) => {
    const row = Math.floor(event.currentTarget.scrollTop / ROW_PX);
    setFirst(Math.max(0, row - (row % 10) - 10)); // draws again every ten rows only
  };
  const drawn = items.slice(first, first + DRAWN);
  return (
    <div
      ref={box}
      id={`${prefix}list`}
      className="jp-Dbx-columnChooserList"
      role="listbox"
      aria-label={trans.__('Columns')}
      aria-multiselectable="true"
      onScroll={onScroll}
    >
      <div role="presentation" style={{ height: items.length * ROW_PX, paddingTop: first * ROW_PX }}>
        {drawn.map((item, index) => (
          <div
            key={item.id}
            id={`${prefix}${first + index}`}
            role="option"
            aria-selected={item.isShown}
            aria-setsize={items.length}
            aria-posinset={first + index + 1}
            className={first + index === active ? 'jp-mod-active' : undefined}
            title={`${item.name}: ${item.type}`}
            onMouseDown={event => event.preventDefault()} // the search keeps the focus
            onClick={() => {
              onActive(first + index);
              onToggle(item);
            }}
          >
            <span className="jp-Dbx-box">{item.isShown && <checkIcon.react tag="span" />}</span>
            <span className="jp-Dbx-columnName">{item.name}</span>
            <span className="jp-Dbx-hint">{item.type}</span>
          </div>
        ))}
      </div>
    </div>
  );
}
