/**
 * Lines over time, drawn by uPlot: it is small, draws an hour of many nodes in a few milliseconds, and follows the theme.
 */
import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';
import UPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';

import { Chart, chartWords } from './usage';

const HEIGHT_PX = 180;

/** Told apart by everybody, on light and on dark. Source: Okabe and Ito, Color Universal Design, 2008. */
const COLORS = ['#0072b2', '#e69f00', '#009e73', '#cc79a7', '#56b4e9', '#d55e00', '#999999', '#b8a700'];

/** A chart; those with the same `group` show the same instant under the mouse. */
export function LineChart({ chart, group, trans }: { chart: Chart; group: string; trans: TranslationBundle }): JSX.Element {
  const box = React.useRef<HTMLDivElement>(null);
  const plot = React.useRef<UPlot>();
  const labels = chart.lines.map(line => line.label).join('\n');

  React.useEffect(() => {
    const made = new UPlot(optionsOf(chart, group, box.current!, trans), dataOf(chart), box.current!);
    plot.current = made;
    const fit = new ResizeObserver(([entry]) => made.setSize({ width: entry.contentRect.width, height: HEIGHT_PX }));
    fit.observe(box.current!);
    const theme = new MutationObserver(() => made.redraw(false));
    theme.observe(document.body, { attributeFilter: ['data-jp-theme-name'] });
    return () => {
      fit.disconnect();
      theme.disconnect();
      made.destroy();
    };
  }, [labels, group]);

  React.useEffect(() => plot.current?.setData(dataOf(chart)), [chart]);

  return (
    <figure className="jp-Dbx-chart">
      <figcaption>
        {chart.title} {chart.unit && <span className="jp-Dbx-hint">{chart.unit}</span>}
      </figcaption>
      <div ref={box} role="img" aria-label={chartWords(chart, trans)} />
    </figure>
  );
}

function dataOf({ times, lines }: Chart): UPlot.AlignedData {
  return [times, ...lines.map(line => line.values)];
}

function optionsOf({ lines, limit }: Chart, group: string, box: HTMLElement, trans: TranslationBundle): UPlot.Options {
  const color = (name: string) => () => getComputedStyle(box).getPropertyValue(name);
  const axis: UPlot.Axis = {
    stroke: color('--jp-ui-font-color1'),
    font: '11px sans-serif',
    grid: { stroke: color('--jp-border-color2'), width: 1 },
    ticks: { stroke: color('--jp-border-color2'), width: 1 }
  };
  /** Return the value below the mouse, or the newest one. */
  const value = (plot: UPlot, _: number | null, line: number, at: number | null) => {
    const found = plot.data[line][at ?? plot.data[line].length - 1];
    return found === null || found === undefined ? '–' : `${Number(found.toFixed(2))}`;
  };
  return {
    width: box.clientWidth,
    height: HEIGHT_PX,
    cursor: { sync: { key: group }, drag: { x: false, y: false } },
    scales: { y: { range: (_, __, most) => [0, Math.max(limit, most * 1.05, 1)] } },
    axes: [
      {
        ...axis,
        incrs: [60, 120, 300, 600, 900],
        values: (_, ticks) => ticks.map(tick => new Date(tick * 1000).toTimeString().slice(0, 5))
      },
      axis
    ],
    series: [
      { label: trans.__('Time'), value: (_, time) => (time === null ? trans.__('now') : new Date(time * 1000).toLocaleTimeString()) },
      ...lines.map(({ label }, index) => ({
        label,
        value,
        stroke: COLORS[index % COLORS.length],
        width: 2,
        points: { show: lines[index].values.length < 3 }
      }))
    ]
  };
}
