/**
 * Charts that share their time and the lines that are hidden.
 */
import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

import type { Chart } from '../../model/usage';
import { LineChart } from './LineChart';

interface LineChartsProps {
  charts: Chart[];
  /** the charts share the instant under the pointer with those of the same group */
  group: string;
  /** period that they show, ms */
  rangeMs: number;
  /** true = each is as high as the space it has */
  fills?: boolean;
  trans: TranslationBundle;
}

/** The charts; a line that is hidden in one of them is hidden in all. */
export function LineCharts({ charts, ...shared }: LineChartsProps): JSX.Element {
  const [hidden, setHidden] = React.useState<ReadonlySet<string>>(new Set());
  const toggle = (label: string) =>
    setHidden(old => new Set(old.has(label) ? [...old].filter(other => other !== label) : [...old, label]));
  return (
    <>
      {charts.map(chart => (
        <LineChart key={chart.title} chart={chart} hidden={hidden} onToggle={toggle} {...shared} />
      ))}
    </>
  );
}
