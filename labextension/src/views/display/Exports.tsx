/**
 * Copying and downloading the rows of a table.
 */
import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

import { Cell, Column, part, rowsOf, separated } from '../../model/display/table';
import type { FileFormat } from '../../model/kernelRequests';
import type { TableKernel } from './actions';
import type { Selection, Shown } from './gridContents';

/** Maximum size of a file with all rows, as the kernel limits it. */
const LIMIT = '100 MB';

interface ExportsProps {
  columns: Column[];
  cells: Cell[][];
  more: boolean;
  shown: Shown | null;
  selection: Selection | null;
  /** null = none: only rows on the page, as CSV */
  kernel: TableKernel | null;
  trans: TranslationBundle;
  onProblem(text: string): void;
}

/** The buttons, and what the last one did. */
export function Exports(props: ExportsProps): JSX.Element {
  const { cells, more, shown, kernel, trans } = props;
  const [wantsAll, setWantsAll] = React.useState(false);
  const { status, cancel, copy, download } = useExports(props);
  const loaded = cells[0]?.length ?? 0;
  const isFiltered = shown?.isFiltered ?? false;
  const hasChoice = isFiltered || (more && kernel !== null);
  const count = (isFiltered ? shown!.rows.length : loaded).toLocaleString('en');
  const isAll = hasChoice && wantsAll;
  return (
    <div className="jp-Dbx-exports">
      <span className="jp-Dbx-hint" role="status">
        {status}
      </span>
      {cancel && (
        <button className="jp-Dbx-link" onClick={cancel}>
          {trans.__('Cancel')}
        </button>
      )}
      <button className="jp-Dbx-link" onClick={() => void copy()}>
        {trans.__('Copy')}
      </button>
      {hasChoice && (
        <select
          className="jp-Dbx-rows"
          aria-label={trans.__('Rows to download')}
          value={wantsAll ? 'all' : 'shown'}
          onChange={event => setWantsAll(event.target.value === 'all')}
        >
          <option value="shown">
            {isFiltered ? trans.__('Filtered rows (%1)', count) : trans.__('Loaded rows (%1)', count)}
          </option>
          <option value="all">{more ? trans.__('All rows, up to %1', LIMIT) : trans.__('All rows')}</option>
        </select>
      )}
      <button className="jp-Dbx-link" disabled={cancel !== null} onClick={() => void download('csv', isAll)}>
        {trans.__('CSV')}
      </button>
      {kernel && (
        <button className="jp-Dbx-link" disabled={cancel !== null} onClick={() => void download('parquet', isAll)}>
          {trans.__('Parquet')}
        </button>
      )}
    </div>
  );
}

interface Exporting {
  /** what was done, or is being done */
  status: string;
  /** end a download; null = none runs */
  cancel: (() => void) | null;
  copy(): Promise<void>;
  download(format: FileFormat, isAll: boolean): Promise<void>;
}

function useExports({ columns, cells, more, shown, selection, kernel, trans, onProblem }: ExportsProps): Exporting {
  const [status, setStatus] = React.useState('');
  const { isRunning, cancel, read } = useFile(kernel, trans, setStatus, onProblem);
  const shownRows = () => shown?.rows ?? (cells[0] ?? []).map((_, row) => row);
  const copy = async () => {
    const isRange = selection !== null && selection.rows.length * selection.columns.length > 1;
    const places = isRange ? selection.columns : columns.map((_, place) => place);
    const rows = isRange ? selection.rows : shownRows();
    const chosen = rowsOf(
      part(
        places.map(place => cells[place]),
        rows
      )
    );
    const names = places.map(place => columns[place]);
    onProblem('');
    await navigator.clipboard.writeText(separated(names, chosen, '\t')).then(
      () => setStatus(trans.__('Copied %1', named(rows.length, trans))),
      (error: Error) => onProblem(error.message)
    );
  };
  const download = async (format: FileFormat, isAll: boolean) => {
    onProblem('');
    if (format === 'parquet' || (isAll && more)) {
      return read(format, isAll ? null : shownRows());
    }
    const rows = rowsOf(isAll ? cells : part(cells, shownRows()));
    save('table.csv', new Blob([separated(columns, rows, ',')]));
    setStatus(trans.__('Saved %1 in %2', named(rows.length, trans), 'table.csv'));
  };
  return { status, cancel: isRunning ? cancel : null, copy, download };
}

/** Read a file from the kernel, of rows by position, or of all of them. */
function useFile(
  kernel: TableKernel | null,
  trans: TranslationBundle,
  onStatus: (text: string) => void,
  onProblem: (text: string) => void
): { isRunning: boolean; cancel(): void; read(format: FileFormat, rows: number[] | null): Promise<void> } {
  const [running, setRunning] = React.useState<AbortController | null>(null);
  React.useEffect(() => () => running?.abort(), [running]);
  const read = async (format: FileFormat, rows: number[] | null) => {
    const controller = new AbortController();
    const { signal } = controller;
    const onProgress = (count: number, bytes: number) =>
      !signal.aborted && onStatus(trans.__('%1, %2 MB…', named(count, trans), (bytes / 1e6).toFixed(1)));
    setRunning(controller);
    onStatus(trans.__('Reading rows…'));
    try {
      const found = await kernel!.file(format, rows, signal, onProgress);
      const count = named(found.rows, trans);
      save(`table.${format}`, found.file);
      onStatus(trans.__('Saved %1 in %2', count, `table.${format}`));
      if (found.isCut) {
        const cure = trans.__('Write the whole table on the cluster: df.write.parquet(…).');
        onProblem(`${trans.__('The file has the first %1 only: a download is limited to %2.', count, LIMIT)} ${cure}`);
      }
    } catch (error) {
      onStatus(signal.aborted ? trans.__('Cancelled') : '');
      onProblem(signal.aborted ? '' : (error as Error).message);
    } finally {
      setRunning(null);
    }
  };
  return { isRunning: running !== null, cancel: () => running?.abort(), read };
}

function named(rows: number, trans: TranslationBundle): string {
  return trans._n('%2 row', '%2 rows', rows, rows.toLocaleString('en'));
}

function save(name: string, file: Blob): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(file);
  link.download = name;
  link.click();
  URL.revokeObjectURL(link.href);
}
