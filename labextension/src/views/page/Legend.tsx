/**
 * The legend of a chart: a button for each line that shows and hides it, with its value.
 */
import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

import type { Chart } from '../../model/usage';

/** Distinguishable with any colour vision, in light and dark themes. Source: Okabe and Ito, Color Universal Design, 2008. */
const COLORS = ['#0072b2', '#e69f00', '#009e73', '#cc79a7', '#56b4e9', '#d55e00', '#999999', '#b8a700'];

/** Return the colour of a line by its number. */
export function colorOf(line: number): string {
  return COLORS[line % COLORS.length];
}

interface LegendProps {
  chart: Chart;
  /** index of the instant under the pointer; null = the latest one */
  at: number | null;
  /** labels of the hidden lines */
  hidden: ReadonlySet<string>;
  trans: TranslationBundle;
  onToggle(label: string): void;
}

/** The legend. */
export function Legend({ chart, at, hidden, trans, onToggle }: LegendProps): JSX.Element {
  const time = at === null ? undefined : chart.times[at];
  const index = time === undefined ? chart.times.length - 1 : at!;
  return (
    <div className="jp-Dbx-legend" role="group" aria-label={trans.__('Lines of the chart “%1”', chart.title)}>
      <span className="jp-Dbx-hint">
        {time === undefined ? trans.__('now') : new Date(time * 1000).toLocaleTimeString()}
      </span>
      {chart.lines.map(({ label, color, values }) => (
        <button key={label} aria-pressed={!hidden.has(label)} onClick={() => onToggle(label)}>
          <span className="jp-Dbx-swatch" style={{ background: colorOf(color) }} />
          {label} <span className="jp-Dbx-hint">{valueWords(values[index])}</span>
        </button>
      ))}
    </div>
  );
}

function valueWords(value: number | null | undefined): string {
  return value === null || value === undefined ? '–' : `${Number(value.toFixed(2))}`;
}
