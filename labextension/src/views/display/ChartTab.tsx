/**
 * The tab with a chart of a table, chosen without code.
 */
import type { TranslationBundle } from '@jupyterlab/translation';
import { stopIcon } from '@jupyterlab/ui-components';
import { Widget } from '@lumino/widgets';
import * as React from 'react';

import { Chart, choicesOf, groupRequest, isComplete, KINDS, Points, pointsOf } from '../../model/display/chart';
import { chartSpec, Spec } from '../../model/display/chartSpec';
import { AGGREGATES, GroupRequest, Groups } from '../../model/display/groups';
import { Cell, Column, part } from '../../model/display/table';
import { Problem } from '../Problem';
import { Button, IconButton } from '../ui/Button';
import { Computation, useComputation } from './computed';
import type { Shown } from './gridContents';

interface ChartTabProps {
  columns: Column[];
  cells: Cell[][];
  /** whether the source has more rows */
  more: boolean;
  /** the rows that the grid shows; null = it is not loaded yet */
  shown: Shown | null;
  chart: Chart;
  /** the latest groups of all rows, and their request as JSON */
  computed: { of: string; groups: Groups } | null;
  /** Group all rows; null = no kernel. */
  compute: ((request: GroupRequest, signal: AbortSignal) => Promise<Groups>) | null;
  /** whether to compute without being asked */
  isEager: boolean;
  trans: TranslationBundle;
  onComputed(computed: { of: string; groups: Groups }): void;
  onChange(chart: Chart): void;
  /** Return a widget with a chart; `null` = this front end has no renderer for charts. */
  draw(spec: Spec): Widget | null;
}

/** The tab. */
export function ChartTab(props: ChartTabProps): JSX.Element {
  const { columns, cells, shown, chart, trans, draw } = props;
  const { groups, computation } = useGroups(props);
  const rows = React.useMemo(() => (shown?.isFiltered ? part(cells, shown.rows) : cells), [cells, shown]);
  const choices = JSON.stringify(chart); // equal choices need no other points
  const points = React.useMemo(() => {
    const chosen = JSON.parse(choices) as Chart;
    return isComplete(chosen, columns) ? pointsOf(chosen, columns, rows, groups) : null;
  }, [choices, columns, rows, groups]);
  return (
    <>
      <Choices {...props} />
      {computation && <Problem text={computation.problem} />}
      {points && points.x.length > 0 && (
        <About {...props} isAll={groups !== null} points={points} computation={computation} />
      )}
      <Drawing columns={columns} points={points} chart={chart} trans={trans} draw={draw} />
    </>
  );
}

/** The groups of all rows, where the page has only some; null = the chart is of the rows on the page. */
function useGroups({ columns, more, shown, chart, computed, compute, isEager, onComputed }: ChartTabProps): {
  groups: Groups | null;
  computation: Computation | null;
} {
  const request = more && !shown?.isFiltered && isComplete(chart, columns) ? groupRequest(chart, columns) : null;
  const of = JSON.stringify(request);
  const groups = request && computed?.of === of ? computed.groups : null;
  const keep = React.useRef(onComputed);
  keep.current = onComputed;
  const run = React.useCallback(
    async (signal: AbortSignal) => {
      const found = await compute!(JSON.parse(of) as GroupRequest, signal);
      if (!signal.aborted) {
        keep.current({ of, groups: found });
      }
    },
    [compute, of]
  );
  const computation = useComputation(run);
  const { start } = computation;
  const isWanted = compute !== null && request !== null && groups === null;
  React.useEffect(() => {
    if (isWanted && isEager) {
      start();
    }
  }, [isWanted, isEager, start]);
  return { groups, computation: isWanted ? computation : null };
}

interface AboutProps extends ChartTabProps {
  /** whether the chart is of all rows, not of those on the page */
  isAll: boolean;
  points: Points;
  computation: Computation | null;
}

/** What the chart shows. */
function About({ columns, cells, more, shown, chart, isAll, points, computation, trans }: AboutProps): JSX.Element {
  const loaded = (cells[0]?.length ?? 0).toLocaleString('en');
  const count = (number: number) => number.toLocaleString('en');
  const { drawn, total, hasOther, leftOut, x } = points;
  const rows = shown?.isFiltered
    ? trans._n('%2 filtered row of %3', '%2 filtered rows of %3', shown.rows.length, count(shown.rows.length), loaded)
    : isAll
      ? trans.__('All rows')
      : more
        ? trans.__('First %1 rows', loaded)
        : trans._n('%2 row', '%2 rows', cells[0]?.length ?? 0, loaded);
  const name = columns.find(column => column.name === chart.x)?.name ?? '';
  const isRanked = groupRequest(chart, columns) !== null;
  const values = isRanked
    ? trans.__('the %1 greatest of %2 values of %3', count(drawn), count(total), name)
    : trans.__('%1 of %2 values of %3', count(drawn), count(total), name);
  const about = [
    rows,
    drawn < total ? values : '',
    hasOther ? trans.__('all others together') : '',
    leftOut ? trans.__('%1 of %2 points', count(x.length), count(x.length + leftOut)) : ''
  ];
  return (
    <div className="jp-Dbx-line">
      <p className="jp-Dbx-hint jp-Dbx-aboutChart" role="status">
        {about.filter(Boolean).join(' · ')}
        {computation?.isRunning && ` · ${trans.__('reading all rows…')}`}
      </p>
      {computation?.isRunning && <IconButton icon={stopIcon} label={trans.__('Cancel')} onClick={computation.cancel} />}
      {computation && !computation.isRunning && <Button onClick={computation.start}>{trans.__('Use all rows')}</Button>}
    </div>
  );
}

interface DrawingProps extends Pick<ChartTabProps, 'columns' | 'chart' | 'trans' | 'draw'> {
  /** null = columns are not chosen yet */
  points: Points | null;
}

function Drawing({ columns, points, chart, trans, draw }: DrawingProps): JSX.Element {
  const choices = JSON.stringify(chart);
  const box = React.useRef<HTMLDivElement>(null);
  const [problem, setProblem] = React.useState('');
  const theme = useTheme();
  // A layout effect cleans up before React removes the box: a Lumino widget must be attached when it is disposed of.
  React.useLayoutEffect(() => {
    if (!points?.x.length) {
      setProblem(points ? trans.__('There are no rows to plot.') : trans.__('Select the columns to plot.'));
      return;
    }
    const style = getComputedStyle(box.current!);
    const color = (name: string) => style.getPropertyValue(name).trim();
    const colors = { text: color('--jp-ui-font-color1'), grid: color('--jp-border-color2') };
    const drawing = draw(chartSpec(JSON.parse(choices) as Chart, columns, points, colors));
    setProblem(drawing ? '' : trans.__('Charts are not available here.'));
    if (drawing) {
      Widget.attach(drawing, box.current!);
    }
    return () => drawing?.dispose();
  }, [choices, columns, points, theme, draw, trans]);
  return (
    <>
      {problem && <p className="jp-Dbx-empty">{problem}</p>}
      <div ref={box} className="jp-Dbx-drawing" />
    </>
  );
}

/** Return the name of the theme; draws again when it changes. */
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

/** The controls with which a chart is chosen. */
function Choices({ columns, chart, trans, onChange }: ChartTabProps): JSX.Element {
  const choices = choicesOf(chart.kind);
  const names = columns.map(column => column.name);
  const needsNumber = choices.aggregate && !['count', 'none'].includes(chart.aggregate);
  const numbers = columns.filter(column => column.kind === 'number').map(column => column.name);
  const change = (part: Partial<Chart>) => onChange({ ...chart, ...part });
  return (
    <div className="jp-Dbx-tableTools">
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
    </div>
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
      {label}
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
