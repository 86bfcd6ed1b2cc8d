/**
 * What there is of a cluster: its nodes with their processes, ports and disk space.
 */
import * as React from 'react';

import type { NodeResources } from '../services/wire';
import type { PageProps } from './page';
import { Table } from './Table';
import { memoryWords } from './words';

/** The nodes. */
export function Resources({ model, clusterId, cluster, trans }: PageProps): JSX.Element {
  const [nodes, setNodes] = React.useState<NodeResources[] | null>(null);
  const [trouble, setTrouble] = React.useState('');
  const look = () => model.resources(clusterId).then(setNodes, error => setTrouble(error.message));
  React.useEffect(() => void look(), [clusterId, cluster?.state]);
  if (nodes?.length === 0) {
    return <div className="jp-Dbx-empty">{trans.__('It takes nothing now: no node of it is there.')}</div>;
  }
  return (
    <>
      {trouble && <div className="jp-Dbx-trouble">{trouble}</div>}
      {nodes?.map(node => <Node key={node.node_id} node={node} trans={trans} />)}
      {nodes && (
        <button className="jp-mod-styled" onClick={() => void look()}>
          {trans.__('Look again')}
        </button>
      )}
    </>
  );
}

function Node({ node, trans }: { node: NodeResources; trans: PageProps['trans'] }): JSX.Element {
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
      {node.processes.length > 0 && (
        <Table
          heads={[trans.__('Process'), trans.__('Belongs to'), trans.__('CPU time'), trans.__('Memory'), trans.__('Listens at')]}
        >
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
      )}
    </section>
  );
}
