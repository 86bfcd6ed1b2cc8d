/**
 * The tab with a chart of a table, chosen without code.
 */
import type { TranslationBundle } from '@jupyterlab/translation';
import { settingsIcon, stopIcon } from '@jupyterlab/ui-components';
import type { Widget } from '@lumino/widgets';
import * as React from 'react';

import { Chart, groupRequest, isComplete, Points, pointsOf } from '../../model/display/chart';
import type { Spec } from '../../model/display/chartSpec';
import type { GroupRequest, Groups } from '../../model/display/groups';
import { Cell, Column, part } from '../../model/display/table';
import { Problem } from '../Problem';
import { Button, IconButton } from '../ui/Button';
import { ChartSettings } from './ChartSettings';
import { Computation, useComputation } from './computed';
import { Drawing } from './Drawing';
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
  /** whether its settings are shown */
  isEdited: boolean;
  onEdit(isEdited: boolean): void;
  onComputed(computed: { of: string; groups: Groups }): void;
  onChange(chart: Chart): void;
  /** Return a widget with a chart; `null` = this front end has no renderer for charts. */
  draw(spec: Spec): Widget | null;
}

/** The tab. */
export function ChartTab(props: ChartTabProps): JSX.Element {
  const { columns, cells, shown, chart, isEdited, trans, draw, onEdit } = props;
  const { groups, computation } = useGroups(props);
  const rows = React.useMemo(() => (shown?.isFiltered ? part(cells, shown.rows) : cells), [cells, shown]);
  const choices = JSON.stringify(chart); // equal choices need no other points
  const points = React.useMemo(() => {
    const chosen = JSON.parse(choices) as Chart;
    return isComplete(chosen, columns) ? pointsOf(chosen, columns, rows, groups) : null;
  }, [choices, columns, rows, groups]);
  return (
    <>
      <div className="jp-Dbx-tableTools">
        {points && points.x.length > 0 && (
          <About {...props} isAll={groups !== null} points={points} computation={computation} />
        )}
        <span className="jp-Dbx-chartEdit">
          <IconButton
            icon={settingsIcon}
            label={trans.__('Edit visualization')}
            isPressed={isEdited}
            onClick={() => onEdit(!isEdited)}
          />
        </span>
      </div>
      {computation && <Problem text={computation.problem} />}
      <div className="jp-Dbx-chartSpace">
        <div className="jp-Dbx-chartRow">
          <Drawing columns={columns} points={points} chart={chart} trans={trans} draw={draw} />
          {isEdited && <ChartSettings columns={columns} chart={chart} trans={trans} onChange={props.onChange} />}
        </div>
      </div>
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
