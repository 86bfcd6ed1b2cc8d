/**
 * The notebooks that have a seat on a cluster.
 */
import * as React from 'react';

import type { PageProps } from './page';
import { Table } from './Table';
import * as words from './words';

/** The table. */
export function Notebooks({ cluster, trans, actions }: PageProps): JSX.Element {
  const seats = cluster?.live?.notebooks ?? [];
  if (seats.length === 0) {
    return <div className="jp-Dbx-empty">{trans.__('No notebook has a seat on this cluster now.')}</div>;
  }
  return (
    <Table heads={[trans.__('Notebook'), trans.__('State'), trans.__('Kernel'), trans.__('Actions')]}>
      {seats.map(seat => {
        const name = words.fileOf(seat.notebook, trans);
        return (
          <tr key={seat.kernel_id}>
            <td>
              {seat.path ? (
                <button className="jp-Dbx-link" title={seat.notebook} onClick={() => actions.onOpenNotebook(seat.path)}>
                  {name}
                </button>
              ) : (
                name
              )}
            </td>
            <td>{seat.busy ? trans.__('busy') : trans.__('idle')}</td>
            <td>
              <code>{seat.kernel_id}</code>
            </td>
            <td>
              <span className="jp-Dbx-buttons">
                <button
                  className="jp-Dbx-link"
                  disabled={!seat.busy}
                  aria-label={trans.__('Interrupt %1', name)}
                  onClick={() => actions.onInterrupt(seat.kernel_id)}
                >
                  {trans.__('Interrupt')}
                </button>
                <button
                  className="jp-Dbx-link"
                  aria-label={trans.__('Detach %1', name)}
                  onClick={() => actions.onDetach(seat.kernel_id)}
                >
                  {trans.__('Detach')}
                </button>
              </span>
            </td>
          </tr>
        );
      })}
    </Table>
  );
}
