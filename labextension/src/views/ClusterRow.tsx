/**
 * One cluster in the side panel.
 */
import type { TranslationBundle } from '@jupyterlab/translation';
import { ellipsesIcon, LabIcon, launcherIcon, runIcon, stopIcon } from '@jupyterlab/ui-components';
import * as React from 'react';

import type { Cluster, NodeType } from '../services/wire';
import { Meter } from './Meter';
import * as words from './words';

/** What a row's own buttons do; everything else is in its menu. */
export type RowVerb = 'start' | 'terminate' | 'open-spark-ui' | 'extend' | 'open-page';

/** What a row needs besides its cluster. */
export interface RowOwner {
  nodeTypes: readonly NodeType[];
  trans: TranslationBundle;
  /** ms since the epoch */
  now: number;
  /** cluster id → what is being asked for, or why it was refused */
  notes: ReadonlyMap<string, Note>;
  onVerb(verb: RowVerb, cluster: Cluster): void;
  onMenu(cluster: Cluster, x: number, y: number): void;
}

/** What a row says beside the facts. */
export interface Note {
  doing?: string;
  refused?: string;
}

/** One cluster: state, size, load, what it does next, and what can be done with it. */
export function ClusterRow({ cluster, owner }: { cluster: Cluster; owner: RowOwner }): JSX.Element {
  const { trans } = owner;
  const note = owner.notes.get(cluster.cluster_id) ?? {};
  const failure = note.refused || words.failureOf(cluster);
  const name = words.nameOf(cluster);
  const state = note.doing ? `${note.doing} …` : words.stateWord(cluster.state, trans);
  return (
    <div
      className="jp-Dbx-row"
      role="listitem"
      tabIndex={0}
      data-cluster={cluster.cluster_id}
      aria-label={`${name}, ${state}`}
      onDoubleClick={() => owner.onVerb('open-page', cluster)}
      onKeyDown={event => onKey(event, cluster, owner)}
    >
      <div className="jp-Dbx-line">
        <span className={`jp-Dbx-dot jp-mod-${words.dotOf(cluster)}`} aria-hidden="true" />
        <span className="jp-Dbx-name" title={name}>
          {name}
        </span>
        <span className="jp-Dbx-state">{state}</span>
        {cluster.pinned && <span className="jp-Dbx-chip">{trans.__('pinned')}</span>}
        <Actions cluster={cluster} owner={owner} />
      </div>
      <Facts cluster={cluster} owner={owner} />
      {failure && (
        <div className="jp-Dbx-failure" role="alert">
          {failure}
        </div>
      )}
    </div>
  );
}

function Actions({ cluster, owner }: { cluster: Cluster; owner: RowOwner }): JSX.Element {
  const { trans } = owner;
  const button = (verb: RowVerb, icon: LabIcon, label: string) => (
    <button className="jp-Dbx-icon" title={label} aria-label={label} onClick={() => owner.onVerb(verb, cluster)}>
      <icon.react tag="span" stylesheet="listing" />
    </button>
  );
  const more = trans.__('More actions');
  return (
    <span className="jp-Dbx-actions">
      {cluster.state === 'TERMINATED' && button('start', runIcon, trans.__('Start'))}
      {cluster.spark_ui_url && button('open-spark-ui', launcherIcon, trans.__('Spark UI'))}
      {!['TERMINATED', 'TERMINATING', 'ERROR'].includes(cluster.state) &&
        button('terminate', stopIcon, trans.__('Terminate'))}
      <button
        className="jp-Dbx-icon"
        title={more}
        aria-label={more}
        aria-haspopup="menu"
        onClick={event => openMenuBelow(event.currentTarget, cluster, owner)}
      >
        <ellipsesIcon.react tag="span" stylesheet="listing" />
      </button>
    </span>
  );
}

function Facts({ cluster, owner }: { cluster: Cluster; owner: RowOwner }): JSX.Element {
  const { trans, now } = owner;
  const load = cluster.live?.load;
  const left = words.endsInS(cluster, now);
  const soon = left !== null && left < words.SOON_S;
  return (
    <>
      <div className="jp-Dbx-facts">{words.sizeWords(cluster, owner.nodeTypes, trans)}</div>
      {words.CHANGING.includes(cluster.state) ? (
        <Progress cluster={cluster} trans={trans} />
      ) : (
        <div className="jp-Dbx-facts">
          {load && <Meter part={load.busy_cores / Math.max(1, load.total_cores)} label={trans.__('Load')} />}
          {[
            words.loadWords(cluster, trans),
            notebookWords(cluster, trans),
            words.uptimeWords(cluster, now, trans)
          ]
            .filter(text => text)
            .map(text => text.replace(/ /g, '\u00a0')) // a line ends between two facts
            .join(' · ')}
        </div>
      )}
      {!words.CHANGING.includes(cluster.state) && (
        <div className={`jp-Dbx-facts${soon ? ' jp-mod-warn' : ''}`}>
          {words.endingWords(cluster, now, trans)}
          {soon && (
            <button className="jp-Dbx-link" onClick={() => owner.onVerb('extend', cluster)}>
              {trans.__('Extend')}
            </button>
          )}
        </div>
      )}
    </>
  );
}

function Progress({ cluster, trans }: { cluster: Cluster; trans: TranslationBundle }): JSX.Element {
  const [done, awaited] = words.progressOf(cluster, trans);
  return (
    <div className="jp-Dbx-facts">
      <Meter part={done} label={awaited} changing />
      {awaited}
    </div>
  );
}

function notebookWords(cluster: Cluster, trans: TranslationBundle): string {
  const seats = cluster.live?.notebooks;
  if (!seats) {
    return '';
  }
  if (seats.length === 1) {
    return words.fileOf(seats[0].notebook, trans);
  }
  return trans._n('%1 notebook', '%1 notebooks', seats.length);
}

function onKey(event: React.KeyboardEvent<HTMLElement>, cluster: Cluster, owner: RowOwner): void {
  if (event.target !== event.currentTarget) {
    return;
  }
  const row = event.currentTarget;
  if (event.key === 'Enter') {
    owner.onVerb('open-page', cluster);
  } else if (event.key === 'ContextMenu' || (event.key === 'F10' && event.shiftKey) || event.key === ' ') {
    openMenuBelow(row, cluster, owner);
  } else if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
    const rows = [...row.ownerDocument.querySelectorAll<HTMLElement>('.jp-Dbx-row')];
    rows[rows.indexOf(row) + (event.key === 'ArrowDown' ? 1 : -1)]?.focus();
  } else {
    return;
  }
  event.preventDefault();
}

function openMenuBelow(element: HTMLElement, cluster: Cluster, owner: RowOwner): void {
  const { left, bottom } = element.getBoundingClientRect();
  owner.onMenu(cluster, left, bottom);
}
