/**
 * The side panel's list: every cluster, filtered and sorted, terminated ones folded away.
 */
import { caretDownIcon, caretRightIcon, HTMLSelect, InputGroup } from '@jupyterlab/ui-components';
import * as React from 'react';

import type { Cluster } from '../services/wire';
import { ClusterRow, RowOwner, shownOf } from './ClusterRow';
import { endsInS, nameOf, SOON_S, stateWord } from './words';

/** How the list can be sorted. */
type Order = 'state' | 'name' | 'newest';

/** What the list needs. */
export interface ListProps extends Omit<RowOwner, 'now'> {
  /** null = not known yet */
  clusters: readonly Cluster[] | null;
  /** why the list may be out of date, or "" */
  trouble: string;
  onCreate(): void;
}

/** Every cluster. */
export function ClusterList(props: ListProps): JSX.Element {
  const { clusters, trans, trouble } = props;
  const [wanted, setWanted] = React.useState('');
  const [order, setOrder] = React.useState<Order>('state');
  const [unfolded, setUnfolded] = React.useState(false);
  const ending = (clusters ?? []).some(cluster => (endsInS(cluster, Date.now()) ?? Infinity) < SOON_S);
  const owner: RowOwner = { ...props, now: useNow(ending ? 5_000 : 30_000) };
  const found = (clusters ?? []).filter(cluster => fits(cluster, wanted, owner)).sort(ORDERS[order]);
  const ended = found.filter(isFolded);
  const isOpen = unfolded || wanted !== '' || found.length === ended.length;
  const rows = (some: readonly Cluster[]) =>
    some.map(cluster => (
      <ClusterRow key={cluster.cluster_id} cluster={cluster} shown={shownOf(cluster, owner)} owner={owner} />
    ));
  return (
    <div className={`jp-Dbx-panel${trouble && clusters ? ' jp-mod-stale' : ''}`}>
      {trouble && (
        <div className="jp-Dbx-trouble" role="alert">
          {trouble} {clusters && trans.__('Clusters go on without it; trying again …')}
        </div>
      )}
      {clusters && clusters.length > 0 && (
        <div className="jp-Dbx-filter">
          <InputGroup
            type="search"
            rightIcon="ui-components:search"
            placeholder={trans.__('Filter')}
            aria-label={trans.__('Filter clusters by name, state or notebook')}
            value={wanted}
            onChange={event => setWanted((event.target as HTMLInputElement).value)}
          />
          <HTMLSelect
            aria-label={trans.__('Sort')}
            value={order}
            onChange={event => setOrder(event.target.value as Order)}
          >
            <option value="state">{trans.__('by state')}</option>
            <option value="name">{trans.__('by name')}</option>
            <option value="newest">{trans.__('newest first')}</option>
          </HTMLSelect>
        </div>
      )}
      {clusters?.length === 0 && <Empty {...props} />}
      {clusters && clusters.length > 0 && found.length === 0 && (
        <div className="jp-Dbx-empty">{trans.__('No cluster fits “%1”.', wanted)}</div>
      )}
      <div className="jp-Dbx-list" role="list" aria-label={trans.__('Clusters')} aria-busy={clusters === null}>
        {rows(found.filter(cluster => !isFolded(cluster)))}
      </div>
      {ended.length > 0 && (
        <>
          <button className="jp-Dbx-fold" aria-expanded={isOpen} onClick={() => setUnfolded(!isOpen)}>
            {isOpen ? <caretDownIcon.react tag="span" /> : <caretRightIcon.react tag="span" />}
            {trans._n('%1 terminated', '%1 terminated', ended.length)}
          </button>
          {isOpen && (
            <div className="jp-Dbx-list" role="list" aria-label={trans.__('Terminated clusters')}>
              {rows(ended)}
            </div>
          )}
        </>
      )}
    </div>
  );
}

function Empty({ trans, onCreate }: ListProps): JSX.Element {
  return (
    <div className="jp-Dbx-empty">
      <h3>{trans.__('No clusters yet')}</h3>
      <p>
        {trans.__(
          'A cluster is where Spark runs: a driver plans the work, workers compute. It goes on when Jupyter stops, and several notebooks can share it.'
        )}
      </p>
      <p>
        {trans.__(
          'Create one, choose it in the toolbar of a notebook with the kernel “Spark (jupyter-dbx)”, and “spark” is there.'
        )}
      </p>
      <button className="jp-mod-styled jp-mod-accept" onClick={onCreate}>
        {trans.__('Create a cluster')}
      </button>
    </div>
  );
}

const ORDERS: Record<Order, (a: Cluster, b: Cluster) => number> = {
  // The server's own order, which sorting keeps: pinned ones, then those that are up, then by name.
  state: () => 0,
  name: (a, b) => byPin(a, b) || nameOf(a).localeCompare(nameOf(b)),
  newest: (a, b) => byPin(a, b) || b.start_time - a.start_time
};

function byPin(a: Cluster, b: Cluster): number {
  return Number(b.pinned) - Number(a.pinned);
}

function isFolded(cluster: Cluster): boolean {
  return cluster.state === 'TERMINATED' && !cluster.pinned;
}

function fits(cluster: Cluster, wanted: string, { trans }: RowOwner): boolean {
  if (wanted === '') {
    return true;
  }
  const notebooks = cluster.live?.notebooks.map(seat => seat.notebook) ?? [];
  const text = [nameOf(cluster), cluster.cluster_id, stateWord(cluster.state, trans), ...notebooks].join('\n');
  return wanted
    .toLowerCase()
    .split(/\s+/)
    .every(word => text.toLowerCase().includes(word));
}

/** Return the time, anew after so many ms, so that countdowns move. */
function useNow(everyMs: number): number {
  const [, tick] = React.useReducer((count: number) => count + 1, 0);
  React.useEffect(() => {
    const timer = window.setInterval(tick, everyMs);
    return () => window.clearInterval(timer);
  }, [everyMs]);
  return Date.now();
}
