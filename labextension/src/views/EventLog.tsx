/**
 * What happened to a cluster, newest first, page by page.
 */
import * as React from 'react';

import type { ClusterEvent } from '../services/wire';
import { eventWords } from './eventWords';
import { timeWords } from './words';
import type { PageProps } from './page';
import { Table } from './Table';

/** Kinds of event that can be looked at alone; each stands for some types of the API. */
const KINDS: Record<string, string[]> = {
  life: ['CREATING', 'STARTING', 'RUNNING', 'RESTARTING', 'TERMINATING', 'EDITED', 'PINNED', 'UNPINNED'],
  size: ['RESIZING', 'UPSIZE_COMPLETED', 'AUTOSCALING_FAILED', 'DECOMMISSION_STARTED', 'DECOMMISSION_ENDED'],
  faults: ['NODES_LOST', 'ADD_NODES_FAILED', 'DRIVER_NOT_RESPONDING', 'DRIVER_HEALTHY', 'INACTIVITY_WARNING']
};

/** The log. */
export function EventLog({ model, clusterId, cluster, trans }: PageProps): JSX.Element {
  const [kind, setKind] = React.useState('');
  const [offset, setOffset] = React.useState(0);
  const [events, setEvents] = React.useState<ClusterEvent[] | null>(null);
  const [total, setTotal] = React.useState(0);
  const [trouble, setTrouble] = React.useState('');
  React.useEffect(() => {
    let isCurrent = true;
    model.events(clusterId, offset, KINDS[kind] ?? []).then(
      page => {
        if (isCurrent) {
          setEvents(page.events);
          setTotal(page.total_count);
          setTrouble('');
        }
      },
      error => isCurrent && setTrouble(error.message)
    );
    return () => {
      isCurrent = false;
    };
    // Each change of the cluster may have brought an event.
  }, [clusterId, offset, kind, cluster]);
  const kinds: [string, string][] = [
    ['', trans.__('all')],
    ['life', trans.__('start and end')],
    ['size', trans.__('size')],
    ['faults', trans.__('faults')]
  ];
  return (
    <>
      <div className="jp-Dbx-tabs" role="group" aria-label={trans.__('Which events')}>
        {kinds.map(([name, label]) => (
          <button
            key={name}
            aria-pressed={kind === name}
            onClick={() => {
              setKind(name);
              setOffset(0);
            }}
          >
            {label}
          </button>
        ))}
      </div>
      {trouble && <div className="jp-Dbx-trouble">{trouble}</div>}
      <Table heads={[trans.__('Time'), trans.__('Event'), trans.__('What happened')]}>
        {(events ?? []).map((event, index) => (
          <tr key={`${event.timestamp}-${index}`}>
            <td>{timeWords(event.timestamp)}</td>
            <td>{event.type}</td>
            <td>
              {eventWords(event, trans)}
              {Object.keys(event.details ?? {}).length > 0 && (
                <details>
                  <summary>{trans.__('Details')}</summary>
                  <pre className="jp-Dbx-pre">{JSON.stringify(event.details, null, 2)}</pre>
                </details>
              )}
            </td>
          </tr>
        ))}
      </Table>
      {events && (
        <div className="jp-Dbx-buttons">
          <span>
            {total ? trans.__('%1–%2 of %3', offset + 1, offset + events.length, total) : trans.__('No events')}
          </span>
          <button className="jp-Dbx-link" disabled={offset === 0} onClick={() => setOffset(Math.max(0, offset - 50))}>
            {trans.__('Newer')}
          </button>
          <button
            className="jp-Dbx-link"
            disabled={offset + events.length >= total}
            onClick={() => setOffset(offset + events.length)}
          >
            {trans.__('Older')}
          </button>
        </div>
      )}
    </>
  );
}
