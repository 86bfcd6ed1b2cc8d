/**
 * A table, as all of ours look.
 */
import * as React from 'react';

/** A table with these titles above its columns. */
export function Table({ heads, children }: React.PropsWithChildren<{ heads: string[] }>): JSX.Element {
  return (
    <table className="jp-Dbx-table">
      <thead>
        <tr>
          {heads.map(head => (
            <th key={head}>{head}</th>
          ))}
        </tr>
      </thead>
      <tbody>{children}</tbody>
    </table>
  );
}
