/**
 * What the cluster in the form will be, what it takes of what is free, and the buttons.
 */
import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

import type { Room, Share } from '../../model/room';
import { Button } from '../ui/Button';
import { FieldError } from '../ui/Fields';

interface SummaryProps {
  /** null = unknown while a field is invalid */
  room: Room | null;
  trans: TranslationBundle;
  submitLabel: string;
  /** what is not free; "" = nothing is lacking */
  lack: string;
  /** why it cannot be submitted; "" = it can */
  obstacle: string;
  isSending: boolean;
  /** error of the server that belongs to no field */
  error?: string;
  onCancel(): void;
}

/** The box beside the form. */
export function Summary(props: SummaryProps): JSX.Element {
  const { room, lack, trans, submitLabel, obstacle, isSending, error, onCancel } = props;
  return (
    <aside className="jp-Dbx-summary" aria-label={trans.__('Summary')}>
      <h3>{trans.__('Summary')}</h3>
      {room && (
        <div className="jp-Dbx-shares" role="status">
          <div>{trans.__('Total: %1.', totalWords(room, trans))}</div>
          <ShareLine name={trans.__('Cores')} share={room.shares.cores} trans={trans} />
          <ShareLine name={trans.__('Memory')} share={room.shares.memory} trans={trans} />
        </div>
      )}
      <FieldError text={lack} />
      <FieldError text={error} />
      <div className="jp-Dbx-buttons">
        <Button type="submit" purpose="primary" disabled={!!obstacle || isSending} title={obstacle}>
          {submitLabel}
        </Button>
        <Button onClick={onCancel}>{trans.__('Cancel')}</Button>
      </div>
      {obstacle && obstacle !== lack && <span className="jp-Dbx-hint">{obstacle}</span>}
    </aside>
  );
}

function totalWords({ demand, shares }: Room, trans: TranslationBundle): string {
  return demand
    .map(({ nodes, cores, memory_mib }) =>
      [trans._n('%1 node', '%1 nodes', nodes), shares.cores.words(cores), shares.memory.words(memory_mib)].join(', ')
    )
    .join(trans.__(' to '));
}

/** A bar of all there is: what others use, what this cluster takes at least, and what it may take at most. */
function ShareLine({
  name,
  share,
  trans
}: {
  name: string;
  share: Share;
  trans: TranslationBundle;
}): JSX.Element | null {
  const { least, most, partWords, capacity } = share;
  if (!capacity) {
    return null;
  }
  const { total, free } = capacity;
  const width = (amount: number) => ({ width: `${(100 * Math.max(0, amount)) / Math.max(1, total)}%` });
  const isTooMuch = least > free;
  return (
    <div>
      <div className="jp-Dbx-shareHead">
        <span className="jp-Dbx-label">{name}</span>
        <span>{trans.__('takes %1 free', partWords(least, free))}</span>
      </div>
      <div className={`jp-Dbx-share${isTooMuch ? ' jp-mod-tooMuch' : ''}`} aria-hidden="true">
        <i className="jp-mod-used" style={width(total - free)} />
        <i className="jp-mod-least" style={width(Math.min(least, free))} />
        <i className="jp-mod-most" style={width(Math.min(most, free) - least)} />
      </div>
      <div className="jp-Dbx-hint">{trans.__('%1 in use by other clusters', partWords(total - free, total))}</div>
    </div>
  );
}
