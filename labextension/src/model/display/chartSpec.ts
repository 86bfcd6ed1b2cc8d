/**
 * Charts as specifications of Vega-Lite (https://vega.github.io/vega-lite/docs/).
 *
 * JupyterLab has a renderer for Vega-Lite, so none is bundled here. It gets points that are already grouped.
 */
import { Chart, OTHER, Points } from './chart';
import { endOf, instantOf, isTemporal, Step } from './groups';
import { Cell, Column, compare } from './table';

/** MIME type of the specification. */
export const CHART_TYPE = 'application/vnd.vegalite.v5+json';

/** A specification of Vega-Lite. */
export type Spec = { [name: string]: unknown };

/** Colours of the theme. */
export interface Colors {
  text: string;
  grid: string;
}

/** Distinguishable with any colour vision, in light and dark themes. Source: Okabe and Ito, Color Universal Design, 2008. */
const PALETTE = ['#0072b2', '#e69f00', '#009e73', '#cc79a7', '#56b4e9', '#d55e00', '#b8a700', '#7f6bb3'];
const GREY = '#999999';

/** Return the specification of a chart's points. */
export function chartSpec(chart: Chart, columns: readonly Column[], points: Points, colors: Colors): Spec {
  const columnOf = (name: string) => columns.find(column => column.name === name);
  const [x, y] = [columnOf(chart.x)!, columnOf(chart.y)];
  const { steps, series, counts } = points;
  const values = points.x.map((cell, rank) => ({
    ...placed('x', x, cell, steps[0], chart),
    ...(counts && y ? placed('y', y, points.y[rank], steps[1], chart) : { y: measureOf(y, points.y[rank], chart) }),
    ...(chart.kind === 'pie' ? { rank } : {}),
    ...(series ? { s: textOfKey(series[rank]) } : {}),
    ...(counts ? { n: counts[rank] } : {})
  }));
  const channelX = channel('x', x, steps[0], chart, points.drawn > 10);
  const across = isLong(chart) ? { ...channelX, x2: undefined } : channelX;
  return {
    $schema: 'https://vega.github.io/schema/vega-lite/v5.json',
    data: { values },
    width: 'container',
    height: 300,
    autosize: { type: 'fit', contains: 'padding' },
    config: configOf(colors),
    mark: markOf(chart, points),
    encoding:
      chart.kind === 'pie'
        ? pieOf(chart, points)
        : {
            ...across,
            ...(counts && y ? { ...channel('y', y, steps[1], chart), color: COUNT } : { y: measure(chart, y, points) }),
            ...(series ? { color: seriesOf(columnOf(chart.series)!, series) } : {})
          }
  };
}

const COUNT = { field: 'n', type: 'quantitative', title: 'count', scale: { scheme: 'viridis' } };

/** Return whether a chart draws lines from point to point, rather than a shape for each. */
function isLong({ kind }: Chart): boolean {
  return kind === 'line' || kind === 'area' || kind === 'box';
}

function markOf({ kind }: Chart, points: Points): object {
  const color = PALETTE[0];
  switch (kind) {
    case 'line':
      return { type: 'line', tooltip: true, point: points.x.length <= 100, color };
    case 'area':
      return { type: 'area', tooltip: true, opacity: 0.7, color };
    case 'scatter':
      return { type: 'point', tooltip: true, filled: true, opacity: 0.6, color };
    case 'box':
      return { type: 'boxplot', color };
    case 'pie':
      return { type: 'arc', tooltip: true };
    case 'heat':
      return { type: 'rect', tooltip: true };
    default:
      return { type: 'bar', tooltip: true, color, orient: 'vertical' };
  }
}

/** Return the fields of one axis: the value, or the start and the end of a bin. */
function placed(name: 'x' | 'y', column: Column, cell: Cell, step: Step, chart: Chart): object {
  const isOnScale = scaleOf(column, step, chart) !== 'ordinal';
  const value = cell === null && isOnScale ? null : valueOf(column, cell);
  return step === null || cell === null ? { [name]: value } : { [name]: value, [`${name}2`]: endOf(cell, step) };
}

/** Return the kind of scale that an axis has. */
function scaleOf(column: Column, step: Step, { kind, aggregate }: Chart): 'ordinal' | 'temporal' | 'quantitative' {
  const isPlain = kind === 'bar' && aggregate === 'none';
  const isScaled = step !== null || isPlain || ['line', 'area', 'scatter'].includes(kind);
  const type = isTemporal(column) ? 'temporal' : column.kind === 'number' ? 'quantitative' : 'ordinal';
  return isScaled && kind !== 'box' && kind !== 'pie' ? type : 'ordinal';
}

/** The labels of an axis, with and without much room. */
const LEVEL = { labelAngle: 0 };
const SLANTED = { labelAngle: -45 };

/** Return the channels of one axis. */
function channel(
  name: 'x' | 'y',
  column: Column,
  step: Step,
  chart: Chart,
  isCrowded = false
): { [channel: string]: object } {
  const type = scaleOf(column, step, chart);
  const own = { field: name, title: column.name, type };
  if (type !== 'ordinal') {
    const [bin, end] = step === null ? [{}, {}] : [{ bin: 'binned' }, { [`${name}2`]: { field: `${name}2` } }];
    return { [name]: { ...own, ...bin, scale: { zero: false } }, ...end };
  }
  const form = /^date/.test(column.type) ? '%Y-%m-%d' : '%Y-%m-%d %H:%M';
  const labels = isTemporal(column) ? { labelExpr: `timeFormat(datum.value, '${form}')` } : {};
  return { [name]: { ...own, sort: null, axis: { ...labels, labelLimit: 120, ...(isCrowded ? SLANTED : LEVEL) } } };
}

function measure(chart: Chart, y: Column | undefined, points: Points): object {
  const title = titleOf(chart);
  if (chart.kind === 'scatter' && y && y.kind !== 'number') {
    return { field: 'y', title, type: isTemporal(y) ? 'temporal' : 'nominal' };
  }
  return { field: 'y', title, type: 'quantitative', ...(isCount(chart) ? wholeTicks(chart, points) : {}) };
}

/** An axis up to here has a tick at each whole number; a longer one has no others between them by itself. */
const MOST_TICKS = 10;

/** Return the ticks of an axis of counts. Vega's `tickMinStep` leaves halves on an axis from 0 to 2. */
function wholeTicks({ kind }: Chart, { x, y }: Points): object {
  const tops = new Map<Cell, number>();
  x.forEach((cell, rank) => {
    const [below, own] = [tops.get(cell) ?? 0, Number(y[rank])];
    tops.set(cell, kind === 'line' ? Math.max(below, own) : below + own); // other kinds stack their series
  });
  const most = Math.max(0, ...tops.values());
  return most > MOST_TICKS ? {} : { axis: { values: Array.from({ length: most + 1 }, (_, value) => value) } };
}

/** Return whether a chart's measure is a number of rows. */
function isCount({ kind, aggregate }: Chart): boolean {
  return kind === 'histogram' || (aggregate === 'count' && !['scatter', 'box'].includes(kind));
}

function titleOf(chart: Chart): string {
  const { kind, aggregate, y } = chart;
  if (isCount(chart)) {
    return 'count';
  }
  return ['scatter', 'box'].includes(kind) || aggregate === 'none' ? y : `${aggregate} of ${y}`;
}

function pieOf(chart: Chart, { x }: Points): object {
  const domain = [...new Set(x.map(textOfKey))];
  return {
    theta: { field: 'y', type: 'quantitative', title: titleOf(chart), stack: true },
    order: { field: 'rank', type: 'quantitative' },
    color: { field: 'x', type: 'nominal', title: chart.x, sort: null, scale: { domain, range: colorsOf(domain) } }
  };
}

function seriesOf({ name, kind }: Column, cells: Cell[]): object {
  const rank = (cell: Cell) => Number(cell === OTHER);
  const sorted = [...new Set(cells)].sort((a, b) => rank(a) - rank(b) || compare(kind, a, b));
  const domain = sorted.map(textOfKey);
  return { field: 's', type: 'nominal', title: name, sort: null, scale: { domain, range: colorsOf(domain) } };
}

/** Return a colour for each name; what is left out is grey. */
function colorsOf(names: string[]): string[] {
  return names.map((name, index) => (name === OTHER ? GREY : PALETTE[index % PALETTE.length]));
}

function textOfKey(cell: Cell): string {
  return cell === null ? 'null' : String(cell);
}

/** Return a cell of an axis as Vega-Lite takes it. */
function valueOf(column: Column, cell: Cell): Cell {
  if (cell === null || cell === OTHER) {
    return textOfKey(cell);
  }
  return isTemporal(column) ? instantOf(cell) : column.kind === 'number' ? Number(cell) : textOfKey(cell);
}

function measureOf(y: Column | undefined, cell: Cell, { kind }: Chart): Cell {
  if (cell === null || (kind === 'scatter' && y && y.kind !== 'number')) {
    return cell === null ? null : valueOf(y!, cell);
  }
  return Number(cell);
}

function configOf({ text, grid }: Colors): object {
  return {
    background: 'transparent',
    view: { stroke: grid },
    axis: { labelColor: text, titleColor: text, gridColor: grid, domainColor: grid, tickColor: grid },
    legend: { labelColor: text, titleColor: text },
    title: { color: text },
    boxplot: { rule: { color: text }, median: { color: text } }
  };
}
