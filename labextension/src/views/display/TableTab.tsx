/**
 * The tab with the rows of a table.
 */
import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

import { Cell, Column, rowsOf, separated } from './tableData';

const Grid = React.lazy(() => import('./Grid'));

interface TableTabProps {
  columns: Column[];
  cells: Cell[][];
  /** whether the source has more rows than are here */
  more: boolean;
  trans: TranslationBundle;
  /** Add the rows after those that are here, or `null` if no kernel can be asked. */
  onMore: (() => Promise<void>) | null;
  /** Return the rows that are here as a Parquet file in base 64, or `null` if no kernel can be asked. */
  onParquet: (() => Promise<string>) | null;
}

/** The tab. */
export function TableTab({ columns, cells, more, trans, onMore, onParquet }: TableTabProps): JSX.Element {
  const [search, setSearch] = React.useState('');
  const [opened, setOpened] = React.useState<{ column: Column; text: string } | null>(null);
  const [trouble, setTrouble] = React.useState('');
  const [busy, setBusy] = React.useState(false);
  const attempt = (what: () => Promise<unknown>) => {
    setBusy(true);
    setTrouble('');
    what()
      .catch(error => setTrouble(error.message))
      .finally(() => setBusy(false));
  };
  const count = (cells[0]?.length ?? 0).toLocaleString('en');
  return (
    <>
      <div className="jp-Dbx-tableTools">
        <input
          type="search"
          className="jp-Dbx-search"
          aria-label={trans.__('Search in all columns')}
          placeholder={trans.__('Search')}
          value={search}
          onChange={event => setSearch(event.target.value)}
        />
        <span role="status">
          {more ? trans.__('First %1 rows; there are more.', count) : trans._n('%2 row', '%2 rows', cells[0]?.length ?? 0, count)}
        </span>
        {more && onMore && (
          <button className="jp-Dbx-link" disabled={busy} onClick={() => attempt(onMore)}>
            {busy ? trans.__('Loading…') : trans.__('Load more')}
          </button>
        )}
        <span className="jp-Dbx-gap" />
        <button
          className="jp-Dbx-link"
          onClick={() => attempt(() => navigator.clipboard.writeText(separated(columns, rowsOf(cells), '\t')))}
        >
          {trans.__('Copy')}
        </button>
        <button
          className="jp-Dbx-link"
          onClick={() => download('table.csv', new Blob([separated(columns, rowsOf(cells), ',')], { type: 'text/csv' }))}
        >
          {trans.__('CSV')}
        </button>
        {onParquet && (
          <button
            className="jp-Dbx-link"
            disabled={busy}
            onClick={() => attempt(async () => download('table.parquet', new Blob([bytesOf(await onParquet())])))}
          >
            {trans.__('Parquet')}
          </button>
        )}
      </div>
      {trouble && (
        <div role="alert" className="jp-Dbx-trouble">
          {trouble}
        </div>
      )}
      <React.Suspense fallback={<div className="jp-Dbx-hint">{trans.__('Loading…')}</div>}>
        <Grid
          columns={columns}
          cells={cells}
          search={search}
          trans={trans}
          onOpen={(column, text) => setOpened({ column, text })}
        />
      </React.Suspense>
      {opened && (
        <div className="jp-Dbx-opened">
          <div className="jp-Dbx-line">
            <b>{opened.column.name}</b> <span className="jp-Dbx-hint">{opened.column.type}</span>
            <button className="jp-Dbx-link" onClick={() => void navigator.clipboard.writeText(opened.text)}>
              {trans.__('Copy')}
            </button>
            <button className="jp-Dbx-link" onClick={() => setOpened(null)}>
              {trans.__('Close')}
            </button>
          </div>
          <pre tabIndex={0}>{indented(opened)}</pre>
        </div>
      )}
    </>
  );
}

/** Return a nested value with a line for each of its parts. */
function indented({ column, text }: { column: Column; text: string }): string {
  if (column.kind !== 'nested' || /\d{16}/.test(text)) {
    return text; // JavaScript would change the digits of such numbers
  }
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text; // it was cut
  }
}

function bytesOf(base64: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(base64), letter => letter.charCodeAt(0));
}

function download(name: string, file: Blob): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(file);
  link.download = name;
  link.click();
  URL.revokeObjectURL(link.href);
}
