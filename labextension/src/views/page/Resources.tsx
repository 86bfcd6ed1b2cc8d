/**
 * The nodes of a cluster with their processes, ports and disk space.
 */
import type { TranslationBundle } from '@jupyterlab/translation';
import { refreshIcon } from '@jupyterlab/ui-components';
import * as React from 'react';

import type { NodeResources } from '../../model/wire';
import { memoryWords } from '../../model/words';
import { Problem } from '../Problem';
import { Table } from '../Table';
import { Button } from '../ui/Button';
import { EmptyState } from '../ui/marks';
import { useLoaded } from '../useLoaded';
import type { TabProps } from './page';

/** The tab. */
export function Resources({ model, clusterId, cluster, trans }: TabProps): JSX.Element {
  const load = React.useCallback(() => model.resources(clusterId), [model, clusterId]);
  const { value: nodes, problem, reload } = useLoaded(load, cluster.state);
  if (nodes?.length === 0) {
    return (
      <EmptyState title={trans.__('No nodes')}>
        {trans.__('A cluster has nodes, with processes and ports, only while it is running.')}
      </EmptyState>
    );
  }
  return (
    <>
      <Problem text={problem} />
      {nodes?.map(node => (
        <Node key={node.node_id} node={node} trans={trans} />
      ))}
      {nodes && (
        <Button icon={refreshIcon} onClick={reload}>
          {trans.__('Refresh')}
        </Button>
      )}
    </>
  );
}

interface NodeProps {
  node: NodeResources;
  trans: TranslationBundle;
}

function Node({ node, trans }: NodeProps): JSX.Element {
  const used = node.processes.reduce((sum, process) => sum + process.memory_mib, 0);
  const facts = [
    trans._n('%1 core', '%1 cores', node.num_cores),
    trans.__('%1 of %2 in use', memoryWords(used), memoryWords(node.memory_mb)),
    trans.__('%1 on disk', memoryWords(node.disk_mb)),
    node.address
  ];
  return (
    <section className="jp-Dbx-node" aria-label={node.node_id}>
      <h3>
        {node.role === 'driver' ? trans.__('Driver') : trans.__('Worker')} <code>{node.node_id}</code>{' '}
        <span className="jp-Dbx-hint">{node.state}</span>
      </h3>
      <div>{facts.filter(fact => fact).join(' · ')}</div>
      {node.folder && <code className="jp-Dbx-hint">{node.folder}</code>}
      {node.processes.length > 0 && <Processes node={node} trans={trans} />}
    </section>
  );
}

function Processes({ node, trans }: NodeProps): JSX.Element {
  const headers = [
    trans.__('Process'),
    trans.__('Daemon'),
    trans.__('CPU time'),
    trans.__('Memory'),
    trans.__('Listening on')
  ];
  return (
    <Table headers={headers}>
      {node.processes.map(process => (
        <tr key={process.pid}>
          <td>
            {process.name} <code>{process.pid}</code>
          </td>
          <td>{process.daemon}</td>
          <td>{trans.__('%1 s', process.cpu_s.toFixed(1))}</td>
          <td>{memoryWords(process.memory_mib)}</td>
          <td>{process.ports.join(', ')}</td>
        </tr>
      ))}
    </Table>
  );
}
