/**
 * The tab with the rows of a table.
 */
import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

import { Cell, Column, columnNotice } from '../../model/display/table';
import { Problem } from '../Problem';
import type { TableKernel, ViewState } from './actions';
import { Exports } from './Exports';
import type { Selection, Shown } from './gridContents';
import { WholeCell } from './WholeCell';

const Grid = React.lazy(() => import('./Grid'));

interface TableTabProps {
  columns: Column[];
  cells: Cell[][];
  /** whether the source has more rows */
  more: boolean;
  /** the rows that the grid shows; null = it is not loaded yet */
  shown: Shown | null;
  /** columns of the source that are left out, count */
  leftOut: number | undefined;
  state: ViewState;
  /** null = none */
  kernel: TableKernel | null;
  trans: TranslationBundle;
  onState(part: Partial<ViewState>): void;
  onShown(shown: Shown): void;
}

/** The tab. */
export function TableTab(props: TableTabProps): JSX.Element {
  const { columns, cells, more, shown, state, kernel, trans, onState, onShown } = props;
  const [opened, setOpened] = React.useState<{ column: Column; text: string } | null>(null);
  const [selection, setSelection] = React.useState<Selection | null>(null);
  const [problem, setProblem] = React.useState('');
  const exported = { columns, cells, more, shown, selection, kernel, trans };
  return (
    <>
      <div className="jp-Dbx-tableTools">
        <input
          type="search"
          className="jp-Dbx-search"
          aria-label={trans.__('Search in all columns')}
          title={trans.__('Shows the rows that have all these words, in any column. Put a phrase into quotes.')}
          placeholder={trans.__('Search')}
          value={state.search ?? ''}
          onChange={event => onState({ search: event.target.value || undefined })}
        />
        <RowCount {...props} selection={selection} />
        {more && kernel && <More load={kernel.loadMore} trans={trans} onProblem={setProblem} />}
        <Exports {...exported} onProblem={setProblem} />
      </div>
      <Problem text={problem} />
      <React.Suspense fallback={<div className="jp-Dbx-hint">{trans.__('Loading…')}</div>}>
        <Grid
          columns={columns}
          cells={cells}
          search={state.search ?? ''}
          state={state.grid ?? {}}
          trans={trans}
          onState={grid => onState({ grid })}
          onShown={onShown}
          onSelect={setSelection}
          onOpen={(column, text) => setOpened({ column, text })}
        />
      </React.Suspense>
      {opened && <WholeCell {...opened} trans={trans} onClose={() => setOpened(null)} />}
    </>
  );
}

type CountProps = Pick<TableTabProps, 'columns' | 'cells' | 'more' | 'shown' | 'leftOut' | 'trans'> & {
  selection: Selection | null;
};

function RowCount({ columns, cells, more, shown, leftOut, selection, trans }: CountProps): JSX.Element {
  const rows = cells[0]?.length ?? 0;
  const [count, matching] = [rows, shown?.rows.length ?? rows].map(number => number.toLocaleString('en'));
  const found = more
    ? trans.__('%1 of the first %2 rows match', matching, count)
    : trans._n('%3 of %2 row matches', '%3 of %2 rows match', rows, count, matching);
  const all = more ? trans.__('First %1 rows', count) : trans._n('%2 row', '%2 rows', rows, count);
  const about = [
    shown?.isFiltered ? found : all,
    columnNotice(columns.length, leftOut, trans),
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
    <button className="jp-Dbx-link" disabled={isBusy} onClick={more}>
      {isBusy ? trans.__('Loading…') : trans.__('Load more')}
    </button>
  );
}
