/**
 * The tab with a chart of a table, chosen without code.
 */
import type { TranslationBundle } from '@jupyterlab/translation';
import { Widget } from '@lumino/widgets';
import * as React from 'react';

import { AGGREGATES, Chart, chartSpec, KINDS, partsOf, Spec } from './chartSpec';
import type { Cell, Column } from './tableData';

interface ChartTabProps {
  columns: Column[];
  cells: Cell[][];
  /** whether the source has more rows than are here */
  more: boolean;
  chart: Chart;
  trans: TranslationBundle;
  onChange(chart: Chart): void;
  /** Return what draws a chart, or `null` if this front end draws none. */
  draw(spec: Spec): Widget | null;
}

/** The tab. */
export function ChartTab({ columns, cells, more, chart, trans, onChange, draw }: ChartTabProps): JSX.Element {
  const parts = partsOf(chart.kind);
  const names = columns.map(column => column.name);
  const change = (part: Partial<Chart>) => onChange({ ...chart, ...part });
  return (
    <>
      <div className="jp-Dbx-tableTools">
        <Choice label={trans.__('Chart')} value={chart.kind} of={KINDS} words={kindWords(trans)} onChange={kind => change({ kind })} />
        <Choice label={trans.__('X')} value={chart.x} of={names} onChange={x => change({ x })} />
        {parts.y && <Choice label={trans.__('Y')} value={chart.y} of={['', ...names]} onChange={y => change({ y })} />}
        {parts.aggregate && (
          <Choice
            label={trans.__('Aggregation')}
            value={chart.aggregate}
            of={AGGREGATES}
            words={{ mean: trans.__('avg') }}
            onChange={aggregate => change({ aggregate })}
          />
        )}
        {parts.series && (
          <Choice label={trans.__('Series')} value={chart.series} of={['', ...names]} onChange={series => change({ series })} />
        )}
        {more && (
          <span className="jp-Dbx-hint">
            {trans.__('Of the first %1 rows.', (cells[0]?.length ?? 0).toLocaleString('en'))}
          </span>
        )}
      </div>
      <Drawing columns={columns} cells={cells} chart={chart} trans={trans} draw={draw} />
    </>
  );
}

type DrawingProps = Pick<ChartTabProps, 'columns' | 'cells' | 'chart' | 'trans' | 'draw'>;

function Drawing({ columns, cells, chart, trans, draw }: DrawingProps): JSX.Element {
  const box = React.useRef<HTMLDivElement>(null);
  const [trouble, setTrouble] = React.useState('');
  const theme = useTheme();
  // Before React takes its box out of the page: a Lumino widget must be attached to be disposed of.
  React.useLayoutEffect(() => {
    const style = getComputedStyle(box.current!);
    const color = (name: string) => style.getPropertyValue(name).trim();
    const colors = { text: color('--jp-ui-font-color1'), grid: color('--jp-border-color2') };
    const spec = chartSpec(chart, columns, cells, colors);
    const drawing = spec && draw(spec);
    setTrouble(!spec ? trans.__('Choose what to draw.') : !drawing ? trans.__('This front end draws no charts.') : '');
    if (drawing) {
      Widget.attach(drawing, box.current!);
    }
    return () => drawing?.dispose();
  }, [JSON.stringify(chart), cells, theme]);
  return (
    <>
      {trouble && <p className="jp-Dbx-hint">{trouble}</p>}
      <div ref={box} className="jp-Dbx-drawing" />
    </>
  );
}

/** Return the name of the theme, and draw again when it changes. */
function useTheme(): string | undefined {
  const name = () => document.body.dataset.jpThemeName;
  const [theme, setTheme] = React.useState(name);
  React.useEffect(() => {
    const watch = new MutationObserver(() => setTheme(name()));
    watch.observe(document.body, { attributeFilter: ['data-jp-theme-name'] });
    return () => watch.disconnect();
  }, []);
  return theme;
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
      {label}
      <select value={value} onChange={event => onChange(event.target.value as T)}>
        {[...new Set(of)].map(option => (
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
    heat: trans.__('Heat map of counts')
  };
}
