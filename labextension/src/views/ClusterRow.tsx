/**
 * One cluster in the side panel.
 */
import type { TranslationBundle } from '@jupyterlab/translation';
import { ellipsesIcon, LabIcon, launcherIcon, runIcon, stopIcon } from '@jupyterlab/ui-components';
import { JSONExt } from '@lumino/coreutils';
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

/** Everything that a row shows. */
export interface Shown {
  name: string;
  state: string;
  dot: string;
  pinned: boolean;
  failure: string;
  size: string;
  /** how far a change is, 0…1, and what is awaited; null = nothing changes */
  awaited: [number, string] | null;
  /** part of the cores that is busy, 0…1; null = not known */
  busy: number | null;
  facts: string;
  ending: string;
  /** true = it ends within minutes */
  soon: boolean;
  verbs: RowVerb[];
}

/** Return what a row shows. */
export function shownOf(cluster: Cluster, owner: RowOwner): Shown {
  const { trans, now } = owner;
  const note = owner.notes.get(cluster.cluster_id) ?? {};
  const load = cluster.live?.load;
  const left = words.endsInS(cluster, now);
  const facts = [words.loadWords(cluster, trans), notebookWords(cluster, trans), words.uptimeWords(cluster, now, trans)];
  return {
    name: words.nameOf(cluster),
    state: note.doing ? `${note.doing} …` : words.stateWord(cluster.state, trans),
    dot: words.dotOf(cluster),
    pinned: cluster.pinned,
    failure: note.refused || words.failureOf(cluster),
    size: words.sizeWords(cluster, owner.nodeTypes, trans),
    awaited: words.CHANGING.includes(cluster.state) ? words.progressOf(cluster, trans) : null,
    busy: load ? load.busy_cores / Math.max(1, load.total_cores) : null,
    facts: facts
      .filter(text => text)
      .map(text => text.replace(/ /g, '\u00a0')) // a line ends between two facts
      .join(' · '),
    ending: words.endingWords(cluster, now, trans),
    soon: left !== null && left < words.SOON_S,
    verbs: verbsOf(cluster)
  };
}

interface RowProps {
  cluster: Cluster;
  shown: Shown;
  owner: RowOwner;
}

/** One cluster: state, size, load, what it does next, and what can be done with it. Drawn anew if it shows something else. */
export const ClusterRow = React.memo(
  ({ cluster, shown, owner }: RowProps) => (
    <div
      className="jp-Dbx-row"
      role="listitem"
      tabIndex={0}
      data-cluster={cluster.cluster_id}
      aria-label={`${shown.name}, ${shown.state}`}
      onDoubleClick={() => owner.onVerb('open-page', cluster)}
      onKeyDown={event => onKey(event, cluster, owner)}
    >
      <div className="jp-Dbx-line">
        <span className={`jp-Dbx-dot jp-mod-${shown.dot}`} aria-hidden="true" />
        <span className="jp-Dbx-name" title={shown.name}>
          {shown.name}
        </span>
        <span className="jp-Dbx-state">{shown.state}</span>
        {shown.pinned && <span className="jp-Dbx-chip">{owner.trans.__('pinned')}</span>}
        <Actions cluster={cluster} shown={shown} owner={owner} />
      </div>
      <Facts cluster={cluster} shown={shown} owner={owner} />
      {shown.failure && (
        <div className="jp-Dbx-failure" role="alert">
          {shown.failure}
        </div>
      )}
    </div>
  ),
  (was, is) =>
    was.cluster.cluster_id === is.cluster.cluster_id &&
    JSONExt.deepEqual({ ...was.shown }, { ...is.shown })
);

function verbsOf(cluster: Cluster): RowVerb[] {
  const verbs: RowVerb[] = [];
  if (cluster.state === 'TERMINATED') {
    verbs.push('start');
  }
  if (cluster.spark_ui_url) {
    verbs.push('open-spark-ui');
  }
  return ['TERMINATED', 'TERMINATING', 'ERROR'].includes(cluster.state) ? verbs : [...verbs, 'terminate'];
}

function Actions({ cluster, shown, owner }: RowProps): JSX.Element {
  const { trans } = owner;
  const buttons: Partial<Record<RowVerb, [LabIcon, string]>> = {
    start: [runIcon, trans.__('Start')],
    'open-spark-ui': [launcherIcon, trans.__('Spark UI')],
    terminate: [stopIcon, trans.__('Terminate')]
  };
  const more = trans.__('More actions');
  return (
    <span className="jp-Dbx-actions">
      {shown.verbs.map(verb => {
        const [icon, label] = buttons[verb]!;
        return (
          <button
            key={verb}
            className="jp-Dbx-icon"
            title={label}
            aria-label={label}
            onClick={() => owner.onVerb(verb, cluster)}
          >
            <icon.react tag="span" stylesheet="listing" />
          </button>
        );
      })}
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

function Facts({ cluster, shown, owner }: RowProps): JSX.Element {
  const { trans } = owner;
  return (
    <>
      <div className="jp-Dbx-facts">{shown.size}</div>
      {shown.awaited ? (
        <div className="jp-Dbx-facts">
          <Meter part={shown.awaited[0]} label={shown.awaited[1]} changing />
          {shown.awaited[1]}
        </div>
      ) : (
        <>
          <div className="jp-Dbx-facts">
            {shown.busy !== null && <Meter part={shown.busy} label={trans.__('Load')} />}
            {shown.facts}
          </div>
          <div className={`jp-Dbx-facts${shown.soon ? ' jp-mod-warn' : ''}`}>
            {shown.ending}
            {shown.soon && (
              <button className="jp-Dbx-link" onClick={() => owner.onVerb('extend', cluster)}>
                {trans.__('Extend')}
              </button>
            )}
          </div>
        </>
      )}
    </>
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
