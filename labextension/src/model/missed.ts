/**
 * What a page has missed of its kernel's outputs, as the kernel reports it.
 */

/** A message to replay. */
export interface MissedMessage {
  msg_type: 'stream' | 'display_data' | 'execute_result' | 'error';
  content: object;
}

/** One run of a cell that this page has not started. */
export interface MissedRun {
  /** the cell's id in the notebook */
  cell_id: string;
  /** id of the request, which all messages of the run refer to, and id of the page's session that sent it */
  msg_id: string;
  session: string;
  /** null = it has not begun */
  execution_count: number | null;
  /** ms since the epoch; null = it goes on */
  began_ms: number;
  ended_ms: number | null;
  messages: MissedMessage[];
}

/** The kernel's answer. */
export interface Missed {
  runs: MissedRun[];
  /** ids of the newest messages in `runs`, which may arrive a second time */
  recent: string[];
}
