/**
 * The tab with the rows of a table.
 */
import type { TranslationBundle } from '@jupyterlab/translation';
import { refreshIcon, stopIcon } from '@jupyterlab/ui-components';
import * as React from 'react';

import type { GridState } from '../../model/display/gridState';
import { Cell, Column, columnNotice } from '../../model/display/table';
import type { ViewState } from '../../model/display/viewState';
import { Problem } from '../Problem';
import { Button, IconButton } from '../ui/Button';
import { columnsIcon } from '../ui/icons';
import type { TableKernel } from './actions';
import type { Adding } from './added';
import { ColumnChooser } from './ColumnChooser';
import { Exports } from './Exports';
import type { Selection, Shown } from './gridContents';
import { WholeCell } from './WholeCell';

const Grid = React.lazy(() => import('./Grid'));

interface TableTabProps {
  /** the columns on the page, their ids and cells */
  columns: Column[];
  ids: string[];
  cells: Cell[][];
  /** number of the columns that were loaded with the table */
  loadedColumns: number;
  /** whether the source has more rows */
  more: boolean;
  /** what the grid shows; null = it is not loaded yet */
  shown: Shown | null;
  /** columns of the source that are left out, count */
  leftOut: number | undefined;
  adding: Adding;
  state: ViewState;
  /** null = none */
  kernel: TableKernel | null;
  trans: TranslationBundle;
  onState(part: Partial<ViewState>): void;
  onShown(shown: Shown): void;
}

/** The tab. */
export function TableTab(props: TableTabProps): JSX.Element {
  const { columns, ids, cells, more, shown, adding, state, kernel, trans, onState, onShown } = props;
  const [opened, setOpened] = React.useState<{ column: Column; text: string } | null>(null);
  const [selection, setSelection] = React.useState<Selection | null>(null);
  const [problem, setProblem] = React.useState('');
  const [revealed, setRevealed] = React.useState('');
  const [hasChooser, setHasChooser] = React.useState(false);
  const tools = React.useRef<HTMLDivElement>(null);
  const closeChooser = () => {
    setHasChooser(false);
    tools.current?.querySelector<HTMLElement>('jp-button')?.focus();
  };
  const choose = (grid: GridState, column?: string) => {
    onState({ grid });
    setRevealed(column ?? '');
  };
  return (
    <>
      <div className="jp-Dbx-tableTools" ref={tools}>
        <Search {...props} />
        <IconButton
          icon={columnsIcon}
          label={trans.__('Choose columns')}
          isPressed={hasChooser}
          onClick={() => (hasChooser ? closeChooser() : setHasChooser(true))}
        />
        <RowCount {...props} selection={selection} />
        <Missing adding={adding} trans={trans} />
        {more && kernel && <More load={kernel.loadMore} trans={trans} onProblem={setProblem} />}
        <Exports {...{ columns, cells, more, shown, selection, kernel, trans }} onProblem={setProblem} />
      </div>
      <Problem text={problem || adding.problem} />
      <div className="jp-Dbx-gridRow">
        <React.Suspense fallback={<div className="jp-Dbx-hint">{trans.__('Loading…')}</div>}>
          <Grid
            columns={columns}
            ids={ids}
            cells={cells}
            search={state.search ?? ''}
            state={state.grid ?? {}}
            revealed={revealed}
            trans={trans}
            onState={grid => onState({ grid })}
            onShown={onShown}
            onSelect={setSelection}
            onOpen={(column, text) => setOpened({ column, text })}
          />
        </React.Suspense>
        {hasChooser && <Chooser {...props} onChange={choose} onClose={closeChooser} />}
      </div>
      {opened && <WholeCell {...opened} trans={trans} onClose={() => setOpened(null)} />}
    </>
  );
}

function Search({ state, trans, onState }: TableTabProps): JSX.Element {
  return (
    <input
      type="search"
      className="jp-Dbx-search"
      aria-label={trans.__('Search in all columns')}
      title={trans.__('Shows the rows that have all these words, in any column. Put a phrase into quotes.')}
      placeholder={trans.__('Search')}
      value={state.search ?? ''}
      onChange={event => onState({ search: event.target.value || undefined })}
    />
  );
}

/** No other state of the grid changes the list. */
const NO_STATE: GridState = {};

function Chooser(
  props: TableTabProps & Pick<React.ComponentProps<typeof ColumnChooser>, 'onChange' | 'onClose'>
): JSX.Element {
  return <ColumnChooser {...props} leftOut={props.leftOut ?? 0} grid={props.state.grid ?? NO_STATE} />;
}

type CountProps = Omit<TableTabProps, 'adding'> & { selection: Selection | null };

function RowCount({ cells, more, shown, selection, trans, ...rest }: CountProps): JSX.Element {
  const rows = cells[0]?.length ?? 0;
  const [count, matching] = [rows, shown?.rows.length ?? rows].map(number => number.toLocaleString('en'));
  const found = more
    ? trans.__('%1 of the first %2 rows match', matching, count)
    : trans._n('%3 of %2 row matches', '%3 of %2 rows match', rows, count, matching);
  const all = more ? trans.__('First %1 rows', count) : trans._n('%2 row', '%2 rows', rows, count);
  const about = [
    shown?.isFiltered ? found : all,
    columnWords(rest, shown, trans),
    selection && selection.rows.length * selection.columns.length > 1
      ? trans.__(
          'Selected: %1 × %2 cells',
          selection.rows.length.toLocaleString('en'),
          selection.columns.length.toLocaleString('en')
        )
      : ''
  ];
  return <span role="status">{about.filter(Boolean).join(' · ')}</span>;
}

/** Return how many columns are shown, or "" for all of them. */
function columnWords(
  {
    columns,
    loadedColumns,
    leftOut = 0,
    state
  }: Pick<TableTabProps, 'columns' | 'loadedColumns' | 'leftOut' | 'state'>,
  shown: Shown | null,
  trans: TranslationBundle
): string {
  const count = shown?.columns.length ?? columns.length;
  if (count === loadedColumns && !state.grid?.hidden?.length) {
    return columnNotice(loadedColumns, leftOut, trans);
  }
  const all = loadedColumns + leftOut;
  return count < all ? trans.__('%1 of %2 columns', count.toLocaleString('en'), all.toLocaleString('en')) : '';
}

/** What becomes of columns that are chosen and not loaded. */
function Missing({ adding, trans }: { adding: Adding; trans: TranslationBundle }): JSX.Element | null {
  const { missing, isRunning, start, cancel } = adding;
  if (!missing) {
    return null;
  }
  const count = missing.toLocaleString('en');
  return (
    <span className="jp-Dbx-line">
      <span className="jp-Dbx-hint">
        {isRunning
          ? trans._n('Loading %2 column…', 'Loading %2 columns…', missing, count)
          : trans._n('%2 chosen column is not loaded', '%2 chosen columns are not loaded', missing, count)}
      </span>
      {isRunning ? (
        <IconButton icon={stopIcon} label={trans.__('Cancel')} onClick={cancel} />
      ) : (
        <IconButton icon={refreshIcon} label={trans.__('Load the chosen columns')} onClick={start} />
      )}
    </span>
  );
}

interface MoreProps {
  load(): Promise<void>;
  trans: TranslationBundle;
  onProblem(text: string): void;
}

function More({ load, trans, onProblem }: MoreProps): JSX.Element {
  const [isBusy, setIsBusy] = React.useState(false);
  const more = () => {
    setIsBusy(true);
    onProblem('');
    load()
      .catch((error: Error) => onProblem(error.message))
      .finally(() => setIsBusy(false));
  };
  return (
    <Button disabled={isBusy} onClick={more}>
      {isBusy ? trans.__('Loading…') : trans.__('Load more')}
    </Button>
  );
}
