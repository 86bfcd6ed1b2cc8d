/**
 * The events of a cluster, newest first, page by page.
 */
import type { TranslationBundle } from '@jupyterlab/translation';
import { caretLeftIcon, caretRightIcon } from '@jupyterlab/ui-components';
import * as React from 'react';

import { eventWords } from '../../model/eventWords';
import type { ClusterEvent } from '../../model/wire';
import { timeWords } from '../../model/words';
import { Problem } from '../Problem';
import { Table } from '../Table';
import { IconButton } from '../ui/Button';
import { Segmented } from '../ui/Segmented';
import { useLoaded } from '../useLoaded';
import type { TabProps } from './page';

/** Events on a page, as the server sends them. */
const PAGE_SIZE = 50;

/** Filter → event types of the API; none = all. */
const FILTERS: Record<string, string[]> = {
  all: [],
  lifecycle: ['CREATING', 'STARTING', 'RUNNING', 'RESTARTING', 'TERMINATING', 'EDITED', 'PINNED', 'UNPINNED'],
  size: ['RESIZING', 'UPSIZE_COMPLETED', 'AUTOSCALING_FAILED', 'DECOMMISSION_STARTED', 'DECOMMISSION_ENDED'],
  problems: ['NODES_LOST', 'ADD_NODES_FAILED', 'DRIVER_NOT_RESPONDING', 'DRIVER_HEALTHY', 'INACTIVITY_WARNING']
};

/** The tab. */
export function EventLog({ model, clusterId, cluster, trans }: TabProps): JSX.Element {
  const [filter, setFilter] = React.useState('all');
  const [offset, setOffset] = React.useState(0);
  const load = React.useCallback(
    () => model.events(clusterId, offset, FILTERS[filter]),
    [model, clusterId, offset, filter]
  );
  // Any change of the cluster may come with an event.
  const { value: page, problem } = useLoaded(load, cluster);
  const choose = (name: string) => {
    setFilter(name);
    setOffset(0);
  };
  return (
    <>
      <Filters chosen={filter} trans={trans} onChoose={choose} />
      <Problem text={problem} />
      <Table headers={[trans.__('Time'), trans.__('Event type'), trans.__('Message')]}>
        {(page?.events ?? []).map((event, index) => (
          <EventRow key={`${event.timestamp}-${index}`} event={event} trans={trans} />
        ))}
      </Table>
      {page && (
        <Pages offset={offset} count={page.events.length} total={page.total_count} trans={trans} onMove={setOffset} />
      )}
    </>
  );
}

interface FiltersProps {
  chosen: string;
  trans: TranslationBundle;
  onChoose(name: string): void;
}

function Filters({ chosen, trans, onChoose }: FiltersProps): JSX.Element {
  const labels: Record<string, string> = {
    all: trans.__('All'),
    lifecycle: trans.__('Lifecycle'),
    size: trans.__('Size'),
    problems: trans.__('Problems')
  };
  return (
    <Segmented label={trans.__('Event filter')} value={chosen} choices={Object.entries(labels)} onChange={onChoose} />
  );
}

function EventRow({ event, trans }: { event: ClusterEvent; trans: TranslationBundle }): JSX.Element {
  return (
    <tr>
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
  );
}

interface PagesProps {
  offset: number;
  /** events on this page */
  count: number;
  total: number;
  trans: TranslationBundle;
  onMove(offset: number): void;
}

function Pages({ offset, count, total, trans, onMove }: PagesProps): JSX.Element {
  const end = offset + count;
  return (
    <div className="jp-Dbx-buttons">
      <span>{total ? trans.__('%1–%2 of %3', offset + 1, end, total) : trans.__('No events')}</span>
      <IconButton
        icon={caretLeftIcon}
        label={trans.__('Newer')}
        disabled={offset === 0}
        onClick={() => onMove(Math.max(0, offset - PAGE_SIZE))}
      />
      <IconButton icon={caretRightIcon} label={trans.__('Older')} disabled={end >= total} onClick={() => onMove(end)} />
    </div>
  );
}
