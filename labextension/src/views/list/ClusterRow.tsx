/**
 * One cluster in the side panel: three lines, of the same height in every state.
 */
import { Progress } from '@jupyter/react-components';
import { ellipsesIcon, runIcon, stopIcon } from '@jupyterlab/ui-components';
import { JSONExt } from '@lumino/coreutils';
import * as React from 'react';

import { SLOTS } from '../../model/loadHistory';
import type { Cluster } from '../../model/wire';
import { IconButton } from '../ui/Button';
import { Sparkline, StateDot } from '../ui/marks';
import type { Row, RowContext } from './row';
import { ScaleStepper } from './ScaleStepper';

interface RowProps {
  cluster: Cluster;
  row: Row;
  context: RowContext;
}

/** A cluster's state, size, load and termination, with the action that its state suggests. */
export const ClusterRow = React.memo(
  ({ cluster, row, context }: RowProps) => (
    <div
      className="jp-Dbx-row"
      role="listitem"
      tabIndex={0}
      data-cluster={cluster.cluster_id}
      aria-label={`${row.name}, ${row.state}`}
      draggable
      onDragStart={event => event.dataTransfer.setData('text/plain', attachLine(row.name))}
      onDoubleClick={() => context.onAction('open-page', cluster)}
      onKeyDown={event => onKey(event, cluster, context)}
    >
      <div className="jp-Dbx-line">
        <StateDot health={row.dot} />
        <span className="jp-Dbx-name" title={row.name}>
          {row.name}
        </span>
        <span className="jp-Dbx-state">{row.state}</span>
        <Actions cluster={cluster} row={row} context={context} />
      </div>
      <div className="jp-Dbx-facts">
        {row.owner && (
          <span className="jp-Dbx-owner" title={row.owner}>
            {row.owner} ·
          </span>
        )}{' '}
        {row.scale && (
          <ScaleStepper
            scale={row.scale}
            trans={context.trans}
            onScale={workers => context.wanted.choose(cluster.cluster_id, workers)}
          />
        )}{' '}
        <span title={row.size}>
          {[row.size, row.pinned && context.trans.__('Pinned')].filter(fact => fact).join(' · ')}
        </span>
      </div>
      <LastLine cluster={cluster} row={row} context={context} />
    </div>
  ),
  (before, now) =>
    before.cluster.cluster_id === now.cluster.cluster_id && JSONExt.deepEqual({ ...before.row }, { ...now.row })
);

function Actions({ cluster, row, context }: RowProps): JSX.Element {
  const { trans, onAction } = context;
  return (
    <span className="jp-Dbx-actions" onDoubleClick={event => event.stopPropagation()}>
      {row.action === 'start' && (
        <IconButton
          icon={runIcon}
          label={trans.__('Start')}
          refusal={row.refusal}
          onClick={() => onAction('start', cluster)}
        />
      )}
      {row.action === 'terminate' && (
        <IconButton
          icon={stopIcon}
          label={trans.__('Terminate')}
          isDanger
          refusal={row.refusal}
          onClick={() => onAction('terminate', cluster)}
        />
      )}
      <IconButton
        icon={ellipsesIcon}
        label={trans.__('More actions')}
        hasMenu
        onClick={event => openMenuBelow(event.currentTarget, cluster, context)}
      />
    </span>
  );
}

/** What matters most now: a failure, a change, the coming termination, the load, or when it terminated. */
function LastLine({ cluster, row, context }: RowProps): JSX.Element {
  const { trans } = context;
  if (row.failure) {
    return (
      <div className="jp-Dbx-facts jp-mod-failed" role="alert" title={row.failure}>
        {row.failure}
      </div>
    );
  }
  if (row.progress) {
    const [part, step] = row.progress;
    return (
      <div className="jp-Dbx-facts">
        <Progress className="jp-Dbx-rowProgress" min={0} max={100} value={Math.round(100 * part)} aria-label={step} />
        <span>{step}</span>
      </div>
    );
  }
  if (row.terminatesSoon) {
    return (
      <div className="jp-Dbx-facts jp-mod-warn">
        <span>{row.termination}</span>
        <button
          className="jp-Dbx-link"
          disabled={!!row.refusal}
          title={row.refusal}
          onClick={() => context.onAction('extend', cluster)}
        >
          {trans.__('Extend')}
        </button>
      </div>
    );
  }
  const text = row.facts || row.termination;
  return (
    <div className="jp-Dbx-facts" title={[row.facts, row.termination].filter(part => part).join('\n')}>
      {row.loads && <Sparkline values={row.loads} most={SLOTS} label={trans.__('Load in the last minutes')} />}
      <span>{text}</span>
    </div>
  );
}

function onKey(event: React.KeyboardEvent<HTMLElement>, cluster: Cluster, context: RowContext): void {
  if (event.target !== event.currentTarget) {
    return;
  }
  const row = event.currentTarget;
  if (event.key === 'Enter') {
    context.onAction('open-page', cluster);
  } else if (event.key === 'ContextMenu' || (event.key === 'F10' && event.shiftKey) || event.key === ' ') {
    openMenuBelow(row, cluster, context);
  } else if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
    const rows = [...row.ownerDocument.querySelectorAll<HTMLElement>('.jp-Dbx-row')];
    rows[rows.indexOf(row) + (event.key === 'ArrowDown' ? 1 : -1)]?.focus();
  } else {
    return;
  }
  event.preventDefault();
}

function openMenuBelow(element: HTMLElement, cluster: Cluster, context: RowContext): void {
  const { left, bottom } = element.getBoundingClientRect();
  context.onMenu(cluster, left, bottom);
}

/** Return the line that attaches a notebook: a row dropped on a cell inserts it. */
function attachLine(name: string): string {
  return `%cluster attach ${/^[\w.-]+$/.test(name) ? name : JSON.stringify(name)}\n`;
}
