/**
 * What the kernel does with a displayed table, as requests.
 */
import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

import { AddedColumn, ColumnName, witnessOf } from '../../model/display/columns';
import { columnIds } from '../../model/display/gridState';
import type { GroupRequest, Groups } from '../../model/display/groups';
import type { ProfileContent } from '../../model/display/profile';
import { Cell, cellsOf, Column, Rows, TableContent } from '../../model/display/table';
import type { RequestOptions, TableRequest } from '../../model/kernelRequests';
import type { DisplayActions, Loaded, TableKernel } from './actions';

interface KernelProps {
  content: TableContent;
  loaded: Loaded;
  trans: TranslationBundle;
  actions: DisplayActions;
  node: HTMLElement;
  onLoaded(loaded: Loaded): void;
}

/** Return the kernel's part of a table. */
export function useKernel(props: KernelProps): TableKernel {
  const { actions, node, trans } = props;
  const { table } = props.content;
  const latest = React.useRef(props);
  latest.current = props;
  return React.useMemo(() => {
    const request = (body: TableRequest, options?: RequestOptions) => actions.request(node, body, options);
    const places = (used: readonly number[]) => placesOf(used, latest.current);
    const columns = async () => ((await request({ op: 'table_columns', table })) as { columns: ColumnName[] }).columns;
    const read: Read = async (offset, limit, wanted, signal) =>
      (await request({ op: 'table_more', table, offset, limit, columns: wanted }, { signal })) as Rows;
    return {
      columns,
      loadMore: async () => {
        const { cells, added } = latest.current.loaded;
        const offset = cells[0].length;
        const rows = (await request({ op: 'table_more', table, offset })) as Rows;
        const next = await cellsOf(rows);
        const others = await readColumns(added, offset, next, latest.current, read);
        latest.current.onLoaded({
          cells: cells.map((column, index) => [...column, ...next[index]]),
          more: rows.more,
          added: added.map((column, index) => ({ ...column, cells: [...column.cells, ...others[index].cells] }))
        });
      },
      loadColumns: async (ids, signal) => {
        const all = await columns();
        const wanted = new Set(ids);
        const chosen = columnIds(all).flatMap((id, place) => (wanted.has(id) ? [{ id, place }] : []));
        const { cells } = latest.current.loaded;
        const found = await readColumns(chosen, 0, cells, latest.current, read, signal);
        const { loaded, onLoaded } = latest.current;
        if (signal.aborted || loaded.cells !== cells) {
          throw new Error(trans.__('The rows have changed meanwhile. Load the columns again.'));
        }
        const added = [...loaded.added, ...found];
        onLoaded({ ...loaded, added });
        return added;
      },
      profile: async signal => (await request({ op: 'table_profile', table }, { signal })) as ProfileContent,
      groups: async (body, signal) => {
        const found = await request({ op: 'table_groups', table, ...regrouped(body, places) }, { signal });
        return found as Groups;
      },
      file: async (format, rows, used, signal, onProgress) => {
        const { content } = latest.current;
        const isAsLoaded = used.length === content.columns.length && used.every((place, index) => place === index);
        const chosen = { ...(rows ? { rows } : {}), ...(isAsLoaded ? {} : { columns: places(used) }) };
        const body = { op: 'table_file', table, format, ...chosen } as const;
        return readFile(onPart => request(body, { signal, onPart }), onProgress);
      }
    };
  }, [actions, node, table, trans]);
}

/** Collect the parts of a file. */
async function readFile(
  request: (onPart: NonNullable<RequestOptions['onPart']>) => Promise<object>,
  onProgress: (rows: number, bytes: number) => void
): ReturnType<TableKernel['file']> {
  const parts: Uint8Array<ArrayBuffer>[] = [];
  let size = 0;
  const found = await request((about, bytes) => {
    parts.push(bytes);
    size += bytes.length;
    onProgress((about as { rows: number }).rows, size);
  });
  const { rows, is_cut } = found as { rows: number; is_cut: boolean };
  return { file: new Blob(parts), rows, isCut: is_cut };
}

type Read = (offset: number, limit: number, places: number[], signal?: AbortSignal) => Promise<Rows>;

/**
 * Read further columns of rows that the page has, in as many requests as their size needs.
 *
 * The source may return its rows in another order when it is read again; the cells would belong to other rows. Therefore a column
 * that the page has is read with them, and compared.
 */
async function readColumns<T extends { id: string; place: number }>(
  wanted: readonly T[],
  offset: number,
  rows: Cell[][],
  { content, trans }: KernelProps,
  read: Read,
  signal?: AbortSignal
): Promise<AddedColumn[]> {
  if (!wanted.length) {
    return [];
  }
  const count = rows[0]?.length ?? 0;
  const witness = witnessOf(content.columns, rows);
  const places = [...wanted.map(({ place }) => place), ...(witness === null ? [] : [witness])];
  const found: Cell[][] = places.map(() => []);
  let columns: Column[] = [];
  do {
    const done = found[0].length;
    const part = await read(offset + done, count - done, places, signal);
    const cells = await cellsOf(part);
    columns = part.columns;
    cells.forEach((column, index) => found[index].push(...column));
    const isSame =
      witness === null ||
      JSON.stringify(found[wanted.length]) === JSON.stringify(rows[witness].slice(0, found[0].length));
    if (!isSame || (part.rows === 0 && done < count)) {
      throw new Error(
        trans.__('The rows come in another order each time they are read. Sort them, and run the cell again.')
      );
    }
  } while (found[0].length < count);
  return wanted.map(({ id, place }, index) => ({ id, place, column: columns[index], cells: found[index] }));
}

/** Return the positions of columns among all columns of the table, given those on the page. */
function placesOf(used: readonly number[], { content, loaded }: KernelProps): number[] {
  const { length } = content.columns;
  return used.map(index => (index < length ? index : loaded.added[index - length].place));
}

/** Return a request with the positions of its columns; the keys and the value are by position among these. */
function regrouped(
  request: GroupRequest,
  places: (used: readonly number[]) => number[]
): GroupRequest & { columns: number[] } {
  const { keys, value } = request;
  const used = [...new Set([...keys.map(({ column }) => column), ...(value === undefined ? [] : [value])])];
  return {
    ...request,
    keys: keys.map(key => ({ ...key, column: used.indexOf(key.column) })),
    ...(value === undefined ? {} : { value: used.indexOf(value) }),
    columns: places(used)
  };
}
