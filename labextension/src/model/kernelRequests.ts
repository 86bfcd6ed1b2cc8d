/**
 * Requests that our kernels answer.
 */

import type { GroupRequest } from './display/groups';

/**
 * Requests about a table of `display`. `rows` of a file are positions, absent = all rows. `columns` are positions among all columns
 * of the table, absent = those loaded first; groups are by position among them.
 */
export type TableRequest =
  | { op: 'table_more'; table: string; offset: number; limit?: number; columns?: number[] }
  | { op: 'table_columns'; table: string }
  | { op: 'table_profile'; table: string }
  | ({ op: 'table_groups'; table: string; columns?: number[] } & GroupRequest)
  | { op: 'table_file'; table: string; format: FileFormat; rows?: number[]; columns?: number[] }
  | { op: 'stream_stop'; table: string };

/** Format of a downloaded file. */
export type FileFormat = 'csv' | 'parquet';

/** How a request about a table is carried out. */
export interface RequestOptions {
  /** cancels the request */
  signal?: AbortSignal;
  /** receives a part of the response: what it says about itself, and its bytes */
  onPart?(about: object, bytes: Uint8Array<ArrayBuffer>): void;
}

/** Every request. */
export type KernelRequest =
  | { op: 'reattach' }
  | { op: 'arguments' }
  | { op: 'cancel'; run: string }
  | { op: 'progress'; run: string }
  | { op: 'variables' }
  | { op: 'table_cancel'; request: string }
  | { op: 'missed'; since_ms: number }
  | TableRequest;
