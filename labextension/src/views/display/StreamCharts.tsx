/**
 * The rates and durations of a stream's batches. Loaded only when shown.
 */
import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

import { chartsOfStream } from '../../model/display/stream';
import type { Batch } from '../../model/display/table';
import { LineCharts } from '../page/LineCharts';

/** The charts, next to each other. */
export default function StreamCharts(props: {
  history: Batch[];
  group: string;
  trans: TranslationBundle;
}): JSX.Element {
  const { history, group, trans } = props;
  const rangeMs = 1000 * (history[history.length - 1][0] - history[0][0]);
  return (
    <div className="jp-Dbx-rates">
      <LineCharts charts={chartsOfStream(history, trans)} group={group} rangeMs={rangeMs} trans={trans} />
    </div>
  );
}
