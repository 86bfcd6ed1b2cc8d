/**
 * A chart of a table, as JupyterLab's renderer draws it.
 */
import type { TranslationBundle } from '@jupyterlab/translation';
import { Widget } from '@lumino/widgets';
import * as React from 'react';

import type { Chart, Points } from '../../model/display/chart';
import { chartSpec, Spec } from '../../model/display/chartSpec';
import type { Column } from '../../model/display/table';
import { useWidth } from '../ui/useWidth';

/** Time for which the width must not change until the chart is drawn again, ms. */
const STEADY_MS = 150;

interface DrawingProps {
  columns: readonly Column[];
  /** null = columns are not chosen yet */
  points: Points | null;
  chart: Chart;
  trans: TranslationBundle;
  /** Return a widget with a chart; `null` = this front end has no renderer for charts. */
  draw(spec: Spec): Widget | null;
}

/** The chart, or why there is none. */
export function Drawing({ columns, points, chart, trans, draw }: DrawingProps): JSX.Element {
  const choices = JSON.stringify(chart);
  const [box, width] = useWidth<HTMLDivElement>();
  const drawnWidth = useSteadyWidth(width);
  const [problem, setProblem] = React.useState('');
  const theme = useTheme();
  // A layout effect cleans up before React removes the box: a Lumino widget must be attached when it is disposed of.
  React.useLayoutEffect(() => {
    if (!points?.x.length) {
      setProblem(points ? trans.__('There are no rows to plot.') : trans.__('Select the columns to plot.'));
      return;
    }
    if (!drawnWidth) {
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
  }, [box, choices, columns, points, theme, drawnWidth, draw, trans]);
  return (
    <div className="jp-Dbx-drawing">
      {problem && <p className="jp-Dbx-empty">{problem}</p>}
      <div ref={box} />
    </div>
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

/** Return the latest width that a visible chart has kept for a moment; 0 = it was not visible yet. */
function useSteadyWidth(width: number): number {
  const [steady, setSteady] = React.useState(0);
  React.useEffect(() => {
    const timer = width ? window.setTimeout(() => setSteady(width), steady ? STEADY_MS : 0) : 0;
    return () => window.clearTimeout(timer);
  }, [width, steady]);
  return steady;
}
