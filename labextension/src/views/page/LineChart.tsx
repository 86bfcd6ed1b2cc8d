/**
 * Lines over time, drawn by uPlot: small, fast (an hour of many nodes takes a few milliseconds), and easy to theme.
 */
import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';
import UPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';

import { Chart, chartWords } from '../../model/usage';
import { colorOf, Legend } from './Legend';

const HEIGHT_PX = 180;

/** Distances of ticks on an axis of counts: 1, 2, 5, 10, 20 … */
const COUNTS = Array.from({ length: 27 }, (_, index) => [1, 2, 5][index % 3] * 10 ** Math.floor(index / 3));

interface LineChartProps {
  chart: Chart;
  /** charts of one group share the instant under the pointer */
  group: string;
  /** period that it shows, ms */
  rangeMs: number;
  /** true = it is as high as the space it has */
  fills?: boolean;
  /** labels of the lines that the user has hidden */
  hidden: ReadonlySet<string>;
  trans: TranslationBundle;
  onToggle(label: string): void;
}

/** A chart with its legend. */
export function LineChart({ chart, group, rangeMs, fills, hidden, trans, onToggle }: LineChartProps): JSX.Element {
  const [at, setAt] = React.useState<number | null>(null);
  const box = React.useRef<HTMLDivElement>(null);
  const plot = React.useRef<UPlot>();
  const latest = React.useRef({ chart, rangeMs });
  latest.current = { chart, rangeMs };
  const labels = chart.lines.map(line => line.label).join('\n');

  React.useEffect(() => {
    const heightOf = (available: number) => (fills ? available : HEIGHT_PX);
    const options = optionsOf(latest.current.chart, group, box.current!, setAt);
    // While time passes, the lines move to the left.
    const window: UPlot.Scale = { range: (_, __, newest) => [newest - latest.current.rangeMs / 1000, newest] };
    const made = new UPlot(
      {
        ...options,
        height: heightOf(box.current!.clientHeight),
        scales: { ...options.scales, ...(fills && { x: window }) }
      },
      dataOf(latest.current.chart),
      box.current!
    );
    plot.current = made;
    const fit = new ResizeObserver(([{ contentRect }]) =>
      made.setSize({ width: contentRect.width, height: heightOf(contentRect.height) })
    );
    fit.observe(box.current!);
    const theme = new MutationObserver(() => made.redraw(false));
    theme.observe(document.body, { attributeFilter: ['data-jp-theme-name'] });
    return () => {
      fit.disconnect();
      theme.disconnect();
      made.destroy();
    };
  }, [labels, group, fills]);

  React.useEffect(() => {
    plot.current?.setData(dataOf(chart));
    chart.lines.forEach(({ label }, index) => plot.current?.setSeries(index + 1, { show: !hidden.has(label) }));
  }, [chart, hidden]);

  return (
    <figure className={`jp-Dbx-chart${fills ? ' jp-mod-fills' : ''}`}>
      <figcaption>
        {chart.title} {chart.unit && <span className="jp-Dbx-hint">{chart.unit}</span>}
      </figcaption>
      <div ref={box} role="img" aria-label={chartWords(chart, rangeMs, trans)} />
      <Legend chart={chart} at={at} hidden={hidden} trans={trans} onToggle={onToggle} />
    </figure>
  );
}

function dataOf({ times, lines }: Chart): UPlot.AlignedData {
  return [times, ...lines.map(line => line.values)];
}

function optionsOf(
  { lines, limit, isCount }: Chart,
  group: string,
  box: HTMLElement,
  onPoint: (index: number | null) => void
): Omit<UPlot.Options, 'height'> {
  const color = (name: string) => () => getComputedStyle(box).getPropertyValue(name);
  const axis: UPlot.Axis = {
    stroke: color('--jp-ui-font-color1'),
    font: '11px sans-serif',
    grid: { stroke: color('--jp-border-color2'), width: 1 },
    ticks: { stroke: color('--jp-border-color2'), width: 1 }
  };
  return {
    width: box.clientWidth,
    cursor: { sync: { key: group }, drag: { x: false, y: false } },
    scales: { y: { range: (_, __, most) => [0, Math.max(limit, most * 1.05, 1)] } },
    axes: [
      {
        ...axis,
        size: 30,
        incrs: [1, 2, 5, 10, 30, 60, 120, 300, 600, 900],
        // With seconds if the ticks are closer than a minute.
        values: (_, ticks, __, ___, step) =>
          ticks.map(tick => new Date(tick * 1000).toTimeString().slice(0, step < 60 ? 8 : 5))
      },
      { ...axis, size: 42, ...(isCount && { incrs: COUNTS }) }
    ],
    legend: { show: false },
    hooks: { setCursor: [plot => onPoint(plot.cursor.idx ?? null)] },
    series: [
      {},
      ...lines.map(({ label, color }) => ({
        label,
        stroke: colorOf(color),
        width: 2,
        points: { show: (plot: UPlot) => plot.data[0].length < 3 }
      }))
    ]
  };
}
