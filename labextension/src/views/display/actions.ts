/**
 * What the output of `display` needs from the notebook that it is in.
 */
import type { Widget } from '@lumino/widgets';

import type { Chart } from '../../model/display/chart';
import type { Spec } from '../../model/display/chartSpec';
import type { GridState } from '../../model/display/gridState';
import type { GroupRequest, Groups } from '../../model/display/groups';
import type { ProfileContent } from '../../model/display/profile';
import type { FileFormat, RequestOptions, TableRequest } from '../../model/kernelRequests';

/** What the user has chosen for a table, and what was computed for that, saved with the notebook. */
export interface ViewState {
  tab: 'table' | 'chart' | 'profile';
  chart?: Chart;
  search?: string;
  grid?: GridState;
  computed?: Computed;
}

/** What the kernel has computed of all rows. */
export interface Computed {
  /** id of the table that it is of: another run of the cell displays another one */
  table: string;
  profile?: ProfileContent;
  /** the latest groups, and the request that they answer, as JSON */
  groups?: { of: string; groups: Groups };
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

/** What the kernel does with the table. */
export interface TableKernel {
  loadMore(): Promise<void>;
  profile(signal: AbortSignal): Promise<ProfileContent>;
  groups(request: GroupRequest, signal: AbortSignal): Promise<Groups>;
  /** Return a file of rows, by position, or of all rows; `onProgress` receives its rows and bytes so far. */
  file(
    format: FileFormat,
    rows: number[] | null,
    signal: AbortSignal,
    onProgress: (rows: number, bytes: number) => void
  ): Promise<{ file: Blob; rows: number; isCut: boolean }>;
}
