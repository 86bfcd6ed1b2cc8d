/**
 * The choice of the period that a view shows.
 */
import type { TranslationBundle } from '@jupyterlab/translation';
import { HTMLSelect } from '@jupyterlab/ui-components';
import * as React from 'react';

import { durationWords } from '../model/words';

interface RangeSelectProps {
  /** periods to choose from, ms */
  ranges: readonly number[];
  /** the chosen one, ms */
  value: number;
  trans: TranslationBundle;
  onChange(rangeMs: number): void;
}

/** The choice, with its label. */
export function RangeSelect({ ranges, value, trans, onChange }: RangeSelectProps): JSX.Element {
  return (
    <label className="jp-Dbx-range">
      <span>{trans.__('Range')}</span>
      <HTMLSelect value={value} onChange={event => onChange(Number(event.target.value))}>
        {ranges.map(range => (
          <option key={range} value={range}>
            {trans.__('Last %1', durationWords(range / 1000, trans))}
          </option>
        ))}
      </HTMLSelect>
    </label>
  );
}
