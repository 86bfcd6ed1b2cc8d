/**
 * Charts of a stream's batches.
 */
import type { TranslationBundle } from '@jupyterlab/translation';

import type { Chart } from '../usage';
import type { Batch } from './table';

/** Return the charts of a stream: rates and durations of its latest batches. */
export function chartsOfStream(history: Batch[], trans: TranslationBundle): Chart[] {
  const times = history.map(([began]) => began);
  const line = (label: string, part: 1 | 2 | 3, color = 0) => ({
    label,
    color,
    values: history.map(batch => batch[part])
  });
  return [
    {
      title: trans.__('Rates'),
      unit: trans.__('rows/s'),
      times,
      lines: [line(trans.__('Input'), 1), line(trans.__('Processing'), 2, 1)],
      limit: 0
    },
    { title: trans.__('Batch duration'), unit: 'ms', times, lines: [line(trans.__('Duration'), 3)], limit: 0 }
  ];
}
