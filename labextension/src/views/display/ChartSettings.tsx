/**
 * The settings of a chart, beside it.
 */
import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

import { Chart, choicesOf, KINDS } from '../../model/display/chart';
import { AGGREGATES } from '../../model/display/groups';
import type { Column } from '../../model/display/table';

interface ChartSettingsProps {
  columns: readonly Column[];
  chart: Chart;
  trans: TranslationBundle;
  onChange(chart: Chart): void;
}

/** The controls with which a chart is chosen. */
export function ChartSettings({ columns, chart, trans, onChange }: ChartSettingsProps): JSX.Element {
  const choices = choicesOf(chart.kind);
  const names = columns.map(column => column.name);
  const needsNumber = choices.aggregate && !['count', 'none'].includes(chart.aggregate);
  const numbers = columns.filter(column => column.kind === 'number').map(column => column.name);
  const change = (part: Partial<Chart>) => onChange({ ...chart, ...part });
  return (
    <section className="jp-Dbx-chartSettings" aria-label={trans.__('Settings of the visualization')}>
      <Choice
        label={trans.__('Chart')}
        value={chart.kind}
        of={KINDS}
        words={kindWords(trans)}
        onChange={kind => change({ kind })}
      />
      <Choice label={trans.__('X')} value={chart.x} of={names} onChange={x => change({ x })} />
      {choices.y && (
        <Choice
          label={trans.__('Y')}
          value={chart.y}
          of={['', ...(needsNumber ? numbers : names)]}
          onChange={y => change({ y })}
        />
      )}
      {choices.aggregate && (
        <Choice
          label={trans.__('Aggregation')}
          value={chart.aggregate}
          of={AGGREGATES}
          onChange={aggregate => change({ aggregate })}
        />
      )}
      {choices.series && (
        <Choice
          label={trans.__('Series')}
          value={chart.series}
          of={['', ...names]}
          onChange={series => change({ series })}
        />
      )}
    </section>
  );
}

interface ChoiceProps<T extends string> {
  label: string;
  value: T;
  of: readonly T[];
  words?: { [value in T]?: string };
  onChange(value: T): void;
}

function Choice<T extends string>({ label, value, of, words, onChange }: ChoiceProps<T>): JSX.Element {
  return (
    <label className="jp-Dbx-choice">
      <span>{label}</span>
      <select value={value} onChange={event => onChange(event.target.value as T)}>
        {[...new Set([...of, value])].map(option => (
          <option key={option} value={option}>
            {words?.[option] ?? (option || '–')}
          </option>
        ))}
      </select>
    </label>
  );
}

function kindWords(trans: TranslationBundle): Record<Chart['kind'], string> {
  return {
    bar: trans.__('Bar'),
    line: trans.__('Line'),
    area: trans.__('Area'),
    scatter: trans.__('Scatter'),
    histogram: trans.__('Histogram'),
    box: trans.__('Box'),
    pie: trans.__('Pie'),
    heat: trans.__('Heat map')
  };
}
