/**
 * What the output of `display` needs from the notebook that it is in.
 */
import type { Widget } from '@lumino/widgets';

import type { Spec } from '../../model/display/chartSpec';
import type { AddedColumn, ColumnName } from '../../model/display/columns';
import type { GroupRequest, Groups } from '../../model/display/groups';
import type { ProfileContent } from '../../model/display/profile';
import type { Cell } from '../../model/display/table';
import type { ViewState } from '../../model/display/viewState';
import type { FileFormat, RequestOptions, TableRequest } from '../../model/kernelRequests';

/** The rows on the page, column by column. */
export interface Loaded {
  /** of the columns that the output has */
  cells: Cell[][];
  /** whether the source has more */
  more: boolean;
  /** further columns of the same rows */
  added: AddedColumn[];
}

/** The actions; each gets the node of the output. */
export interface DisplayActions {
  /** Return whether the notebook has a kernel that takes requests. */
  hasKernel(node: HTMLElement): boolean;
  request(node: HTMLElement, request: TableRequest, options?: RequestOptions): Promise<object>;
  /** Return the saved view state; `null` = none. */
  loadState(node: HTMLElement): ViewState | null;
  saveState(node: HTMLElement, state: ViewState): void;
  /** Return a widget with a chart; `null` = this front end has no renderer for charts. */
  draw(spec: Spec): Widget | null;
}

/** What the kernel does with the table; columns are by position among those on the page. */
export interface TableKernel {
  /** Return all columns, also those that are not loaded. */
  columns(): Promise<ColumnName[]>;
  loadMore(): Promise<void>;
  /** Load columns by their ids for the rows on the page, and return all that were loaded so. */
  loadColumns(ids: readonly string[], signal: AbortSignal): Promise<AddedColumn[]>;
  profile(signal: AbortSignal): Promise<ProfileContent>;
  groups(request: GroupRequest, signal: AbortSignal): Promise<Groups>;
  /** Return a file of rows, by position, or of all rows; `onProgress` receives its rows and bytes so far. */
  file(
    format: FileFormat,
    rows: number[] | null,
    columns: readonly number[],
    signal: AbortSignal,
    onProgress: (rows: number, bytes: number) => void
  ): Promise<{ file: Blob; rows: number; isCut: boolean }>;
}
