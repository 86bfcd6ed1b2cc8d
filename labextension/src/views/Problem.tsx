/**
 * A problem that keeps a view from being up to date.
 */
import * as React from 'react';

/** The text of a problem; nothing if there is none. */
export function Problem({ text }: { text: string }): JSX.Element | null {
  return text ? (
    <div className="jp-Dbx-problem" role="alert">
      {text}
    </div>
  ) : null;
}
