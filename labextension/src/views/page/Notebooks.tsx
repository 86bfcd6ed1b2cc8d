/**
 * The notebooks that are attached to a cluster.
 */
import { closeIcon, stopIcon } from '@jupyterlab/ui-components';
import * as React from 'react';

import type { Seat } from '../../model/wire';
import { notebookName } from '../../model/words';
import { Table } from '../Table';
import { IconButton } from '../ui/Button';
import { EmptyState } from '../ui/marks';
import type { TabProps } from './page';

/** The tab. */
export function Notebooks({ cluster, trans, actions }: TabProps): JSX.Element {
  const notebooks = cluster.live?.notebooks ?? [];
  if (notebooks.length === 0) {
    return (
      <EmptyState title={trans.__('No notebooks attached')}>
        {trans.__('Select this cluster in the toolbar of a notebook to attach it.')}
      </EmptyState>
    );
  }
  return (
    <Table headers={[trans.__('Notebook'), trans.__('Status'), trans.__('Kernel'), trans.__('Actions')]}>
      {notebooks.map(notebook => (
        <NotebookRow key={notebook.kernel_id} notebook={notebook} trans={trans} actions={actions} />
      ))}
    </Table>
  );
}

type NotebookRowProps = Pick<TabProps, 'trans' | 'actions'> & { notebook: Seat };

function NotebookRow({ notebook, trans, actions }: NotebookRowProps): JSX.Element {
  const { kernel_id, path, busy } = notebook;
  const name = notebookName(notebook.notebook, trans);
  return (
    <tr>
      <td>
        {path ? (
          <button className="jp-Dbx-link" title={notebook.notebook} onClick={() => actions.onOpenNotebook(path)}>
            {name}
          </button>
        ) : (
          name
        )}
      </td>
      <td>{busy ? trans.__('Busy') : trans.__('Idle')}</td>
      <td>
        <code>{kernel_id}</code>
      </td>
      <td>
        <span className="jp-Dbx-buttons">
          <IconButton
            icon={stopIcon}
            label={trans.__('Interrupt %1', name)}
            refusal={busy ? '' : trans.__('No cell is running.')}
            onClick={() => actions.onInterrupt(kernel_id)}
          />
          <IconButton icon={closeIcon} label={trans.__('Detach %1', name)} onClick={() => actions.onDetach(notebook)} />
        </span>
      </td>
    </tr>
  );
}
