/**
 * Copying and downloading the rows of a table.
 */
import type { TranslationBundle } from '@jupyterlab/translation';
import { copyIcon, downloadIcon, stopIcon } from '@jupyterlab/ui-components';
import * as React from 'react';

import { Cell, Column, part, rowsOf, separated } from '../../model/display/table';
import type { FileFormat } from '../../model/kernelRequests';
import { IconButton } from '../ui/Button';
import { openMenu } from '../ui/menu';
import type { TableKernel } from './actions';
import type { Selection, Shown } from './gridContents';

/** Maximum size of a file with all rows, as the kernel limits it. */
const LIMIT = '100 MB';

const FORMATS = { csv: 'CSV', parquet: 'Parquet' };

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

/** The buttons, and what the last one did. They take the columns that are shown, in their order. */
export function Exports(props: ExportsProps): JSX.Element {
  const { cells, more, shown, kernel, trans } = props;
  const { status, cancel, copy, download } = useExports(props);
  const loaded = cells[0]?.length ?? 0;
  const isFiltered = shown?.isFiltered ?? false;
  const hasAll = isFiltered || (more && kernel !== null);
  const count = (isFiltered ? shown!.rows.length : loaded).toLocaleString('en');
  const isEmpty = shown?.columns.length === 0;
  const show = (event: React.MouseEvent<HTMLElement>) => {
    const some = isFiltered ? trans.__('filtered rows (%1)', count) : trans.__('loaded rows (%1)', count);
    const all = more ? trans.__('all rows, up to %1', LIMIT) : trans.__('all rows');
    const choices = hasAll
      ? ([
          [some, false],
          [all, true]
        ] as const)
      : ([[trans.__('all rows'), false]] as const);
    const formats = kernel ? (['csv', 'parquet'] as const) : (['csv'] as const);
    const items = choices.flatMap(([rows, isAll]) =>
      formats.map(format => ({
        label: trans.__('%1: %2', FORMATS[format], rows),
        run: () => void download(format, isAll)
      }))
    );
    openMenu(items, event.currentTarget);
  };
  return (
    <div className="jp-Dbx-exports">
      <span className="jp-Dbx-hint" role="status">
        {status}
      </span>
      {cancel && <IconButton icon={stopIcon} label={trans.__('Cancel')} onClick={cancel} />}
      <IconButton icon={copyIcon} label={trans.__('Copy')} disabled={isEmpty} onClick={() => void copy()} />
      <IconButton
        icon={downloadIcon}
        label={trans.__('Download')}
        hasMenu
        disabled={isEmpty || cancel !== null}
        onClick={show}
      />
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
  const shownColumns = () => shown?.columns ?? columns.map((_, place) => place);
  const named = (places: readonly number[]) => places.map(place => columns[place]);
  const cellsAt = (places: readonly number[]) => places.map(place => cells[place]);
  const copy = async () => {
    const isRange = selection !== null && selection.rows.length * selection.columns.length > 1;
    const places = isRange ? selection.columns : shownColumns();
    const rows = isRange ? selection.rows : shownRows();
    const chosen = rowsOf(part(cellsAt(places), rows));
    onProblem('');
    await navigator.clipboard.writeText(separated(named(places), chosen, '\t')).then(
      () => setStatus(trans.__('Copied %1', rowWords(rows.length, trans))),
      (error: Error) => onProblem(error.message)
    );
  };
  const download = async (format: FileFormat, isAll: boolean) => {
    onProblem('');
    if (format === 'parquet' || (isAll && more)) {
      return read(format, isAll ? null : shownRows(), shownColumns());
    }
    const found = cellsAt(shownColumns());
    const rows = rowsOf(isAll ? found : part(found, shownRows()));
    save('table.csv', new Blob([separated(named(shownColumns()), rows, ',')]));
    setStatus(trans.__('Saved %1 in %2', rowWords(rows.length, trans), 'table.csv'));
  };
  return { status, cancel: isRunning ? cancel : null, copy, download };
}

type ReadFile = (format: FileFormat, rows: number[] | null, columns: readonly number[]) => Promise<void>;

/** Read a file from the kernel, of rows and columns by position, or of all rows. */
function useFile(
  kernel: TableKernel | null,
  trans: TranslationBundle,
  onStatus: (text: string) => void,
  onProblem: (text: string) => void
): { isRunning: boolean; cancel(): void; read: ReadFile } {
  const [running, setRunning] = React.useState<AbortController | null>(null);
  React.useEffect(() => () => running?.abort(), [running]);
  const read: ReadFile = async (format, rows, columns) => {
    const controller = new AbortController();
    const { signal } = controller;
    const onProgress = (count: number, bytes: number) =>
      !signal.aborted && onStatus(trans.__('%1, %2 MB…', rowWords(count, trans), (bytes / 1e6).toFixed(1)));
    setRunning(controller);
    onStatus(trans.__('Reading rows…'));
    try {
      const found = await kernel!.file(format, rows, columns, signal, onProgress);
      const count = rowWords(found.rows, trans);
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

function rowWords(rows: number, trans: TranslationBundle): string {
  return trans._n('%2 row', '%2 rows', rows, rows.toLocaleString('en'));
}

function save(name: string, file: Blob): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(file);
  link.download = name;
  link.click();
  URL.revokeObjectURL(link.href);
}
