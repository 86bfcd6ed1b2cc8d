/**
 * A table in our common style.
 */
import * as React from 'react';

/** A table with a row of column headers. */
export function Table({ headers, children }: React.PropsWithChildren<{ headers: string[] }>): JSX.Element {
  return (
    <table className="jp-Dbx-table">
      <thead>
        <tr>
          {headers.map(header => (
            <th key={header}>{header}</th>
          ))}
        </tr>
      </thead>
      <tbody>{children}</tbody>
    </table>
  );
}
