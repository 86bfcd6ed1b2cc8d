/**
 * The status of the stream that a table follows.
 */
import type { TranslationBundle } from '@jupyterlab/translation';
import { stopIcon } from '@jupyterlab/ui-components';
import * as React from 'react';

import { Problem } from '../Problem';
import { IconButton } from '../ui/Button';
import { chartIcon } from '../ui/icons';
import type { Stream } from '../../model/display/table';

const StreamCharts = React.lazy(() => import('./StreamCharts'));

interface StreamStatusProps {
  /** id of its table */
  table: string;
  stream: Stream;
  trans: TranslationBundle;
  /** Stop the stream; `null` = no kernel. */
  onStop: (() => Promise<unknown>) | null;
}

/** The status in one line, with a button to stop the stream; below it, why it failed, and on request charts of its batches. */
export function StreamStatus({ table, stream, trans, onStop }: StreamStatusProps): JSX.Element {
  const { name, state, batch, input_rate, processed_rate, problem, history = [] } = stream;
  const [stopProblem, setStopProblem] = React.useState('');
  const [hasCharts, toggleCharts] = React.useReducer((shown: boolean) => !shown, false);
  const stop = () => void onStop?.().catch((error: Error) => setStopProblem(error.message));
  const words = {
    running: trans.__('Stream running'),
    ended: trans.__('Stream ended'),
    stopped: trans.__('Stream stopped'),
    cancelled: trans.__('Cancelled'),
    failed: trans.__('Stream failed')
  };
  const rate = (value: number | null) => (value ?? 0).toLocaleString('en', { maximumFractionDigits: 1 });
  return (
    <>
      <div className="jp-Dbx-line">
        <span className={`jp-Dbx-dot jp-mod-${state === 'running' ? 'up' : state === 'failed' ? 'failed' : 'over'}`} />
        <span>
          {words[state]}
          {name && ` (${name})`}
        </span>
        {batch !== null && (
          <span className="jp-Dbx-hint">
            {trans.__('batch %1, input %2 rows/s, processing %3 rows/s', batch, rate(input_rate), rate(processed_rate))}
          </span>
        )}
        {history.length > 0 && (
          <IconButton
            icon={chartIcon}
            label={hasCharts ? trans.__('Hide rates') : trans.__('Show rates')}
            isPressed={hasCharts}
            onClick={toggleCharts}
          />
        )}
        {state === 'running' && onStop && (
          <IconButton icon={stopIcon} label={trans.__('Stop')} isDanger onClick={stop} />
        )}
      </div>
      <Problem text={problem || stopProblem} />
      {hasCharts && (
        <React.Suspense fallback={null}>
          <StreamCharts history={history} group={table} trans={trans} />
        </React.Suspense>
      )}
    </>
  );
}
