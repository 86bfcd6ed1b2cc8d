/**
 * From a choice of columns to a chart of them, as a specification of Vega-Lite (https://vega.github.io/vega-lite/docs/).
 *
 * JupyterLab draws it: it has Vega-Lite's renderer, so none is bundled here.
 */
import type { Cell, Column } from './tableData';

/** MIME type of the specification. */
export const CHART_TYPE = 'application/vnd.vegalite.v5+json';

export const KINDS = ['bar', 'line', 'area', 'scatter', 'histogram', 'box', 'pie', 'heat'] as const;
export const AGGREGATES = ['count', 'sum', 'mean', 'min', 'max', 'median', 'none'] as const;

/** What is charted; columns by their names, "" = none. */
export interface Chart {
  kind: (typeof KINDS)[number];
  x: string;
  y: string;
  series: string;
  aggregate: (typeof AGGREGATES)[number];
}

/** A specification of Vega-Lite. */
export type Spec = { [name: string]: unknown };

/** Colours of the theme. */
export interface Colors {
  text: string;
  grid: string;
}

/** Of bars and slices that stand for texts, how many are drawn: the greatest ones. */
const MOST_BARS = 50;

/** From how many different numbers on they are put into bins. */
const MOST_NUMBERS = 40;

/** Told apart by everybody, on light and on dark. Source: Okabe and Ito, Color Universal Design, 2008. */
const PALETTE = ['#0072b2', '#e69f00', '#009e73', '#cc79a7', '#56b4e9', '#d55e00', '#999999', '#b8a700'];

/** Which of the choices a kind of chart has. */
export function partsOf(kind: Chart['kind']): { y: boolean; series: boolean; aggregate: boolean } {
  return {
    y: kind !== 'histogram',
    series: !['pie', 'heat'].includes(kind),
    aggregate: ['bar', 'line', 'area', 'pie'].includes(kind)
  };
}

/** Return what is charted if nobody has chosen: the first numbers by what they may be grouped by. */
export function firstChart(columns: readonly Column[]): Chart {
  const groups = columns.find(column => ['text', 'boolean', 'time'].includes(column.kind));
  const x = groups ?? columns[0];
  const y = columns.find(column => column.kind === 'number' && column !== x);
  return {
    kind: x?.kind === 'time' ? 'line' : groups || !y ? 'bar' : 'scatter',
    x: x?.name ?? '',
    y: y?.name ?? '',
    series: '',
    aggregate: y ? 'sum' : 'count'
  };
}

/** Return the specification of a chart, or `null` if its columns are not there. */
export function chartSpec(chart: Chart, columns: readonly Column[], cells: Cell[][], colors: Colors): Spec | null {
  const parts = partsOf(chart.kind);
  const at = (name: string) => columns.findIndex(column => column.name === name);
  const places = { x: at(chart.x), y: parts.y ? at(chart.y) : -1, s: parts.series ? at(chart.series) : -1 };
  const needsY = ['scatter', 'box', 'heat'].includes(chart.kind) || (parts.aggregate && chart.aggregate !== 'count');
  if (places.x < 0 || (needsY && places.y < 0)) {
    return null;
  }
  const used = (Object.entries(places) as ['x' | 'y' | 's', number][]).filter(([, place]) => place >= 0);
  const values = cells[places.x].map((_, row) =>
    Object.fromEntries(used.map(([field, place]) => [field, valueOf(columns[place], cells[place][row])]))
  );
  const field = (name: 'x' | 'y' | 's'): Field => ({
    field: name,
    title: columns[places[name]]?.name,
    type: typeOf(columns[places[name]]),
    isMany: name !== 'y' && new Set(values.map(value => value[name])).size > MOST_NUMBERS
  });
  const drawn = DRAWINGS[chart.kind](chart, field, places.y >= 0);
  if (places.s >= 0) {
    drawn.encoding.color = { ...discrete(field('s')), scale: { range: PALETTE } };
  }
  return {
    $schema: 'https://vega.github.io/schema/vega-lite/v5.json',
    data: { values },
    width: 'container',
    height: 300,
    autosize: { type: 'fit', contains: 'padding' },
    config: configOf(colors),
    ...drawn
  };
}

interface Field {
  field: string;
  title?: string;
  type: 'quantitative' | 'temporal' | 'nominal';
  isMany: boolean;
}

interface Drawing {
  mark: object;
  encoding: { [channel: string]: unknown };
  transform?: object[];
}

type Draw = (chart: Chart, field: (name: 'x' | 'y' | 's') => Field, hasY: boolean) => Drawing;

const DRAWINGS: Record<Chart['kind'], Draw> = {
  bar: (chart, field, hasY) => ({
    mark: { type: 'bar', tooltip: true, color: PALETTE[0] },
    ...greatest(chart, field),
    encoding: { x: grouped(field('x')), y: aggregated(chart, field, hasY) }
  }),
  line: (chart, field, hasY) => ({
    mark: { type: 'line', tooltip: true, point: !field('x').isMany, color: PALETTE[0] },
    encoding: { x: plain(field('x')), y: aggregated(chart, field, hasY) }
  }),
  area: (chart, field, hasY) => ({
    mark: { type: 'area', tooltip: true, opacity: 0.7, color: PALETTE[0] },
    encoding: { x: plain(field('x')), y: aggregated(chart, field, hasY) }
  }),
  scatter: (_, field) => ({
    mark: { type: 'point', tooltip: true, filled: true, opacity: 0.6, color: PALETTE[0] },
    encoding: { x: plain(field('x')), y: plain(field('y')) }
  }),
  histogram: (_, field) => ({
    mark: { type: 'bar', tooltip: true, color: PALETTE[0] },
    encoding: { x: binned(field('x'), 30), y: { aggregate: 'count', title: 'count' } }
  }),
  box: (_, field) => ({
    mark: { type: 'boxplot', color: PALETTE[0] },
    encoding: { x: grouped(field('x')), y: plain(field('y')) }
  }),
  pie: (chart, field, hasY) => {
    const { field: name, title } = field('x');
    return {
      mark: { type: 'arc', tooltip: true },
      ...greatest(chart, field),
      encoding: {
        theta: aggregated(chart, field, hasY),
        color: { field: name, title, type: 'nominal', scale: { range: PALETTE } }
      }
    };
  },
  heat: (_, field) => ({
    mark: { type: 'rect', tooltip: true },
    encoding: {
      x: binned(field('x'), 30),
      y: binned(field('y'), 20),
      color: { aggregate: 'count', title: 'count', scale: { scheme: 'viridis' } }
    }
  })
};

function plain({ field, title, type }: Field): object {
  return { field, title, type };
}

/** Return a channel of separate values. */
function discrete({ field, title, type }: Field): object {
  return { field, title, type: type === 'nominal' ? 'nominal' : 'ordinal' };
}

/** Return a channel of values to group by: numbers in bins if they are many. */
function grouped(field: Field): object {
  return field.type === 'nominal' ? { ...plain(field), sort: null } : field.isMany ? binned(field, 30) : discrete(field);
}

function binned(field: Field, most: number): object {
  if (field.type === 'temporal') {
    return { ...plain(field), timeUnit: field.isMany ? 'yearmonth' : 'yearmonthdate' };
  }
  return field.type === 'quantitative' ? { ...plain(field), bin: { maxbins: most } } : plain(field);
}

function aggregated({ aggregate }: Chart, field: (name: 'y') => Field, hasY: boolean): object {
  if (aggregate === 'count' || !hasY) {
    return { aggregate: 'count', title: 'count' };
  }
  const { field: name, title } = field('y');
  const channel = { field: name, type: 'quantitative' };
  return aggregate === 'none' ? { ...channel, title } : { ...channel, aggregate, title: `${aggregate} of ${title}` };
}

/** Keep only the greatest groups of texts: thousands cannot be drawn. */
function greatest({ aggregate }: Chart, field: (name: 'x') => Field): { transform?: object[] } {
  const { type, isMany } = field('x');
  if (type !== 'nominal' || !isMany || aggregate === 'none') {
    return {};
  }
  const measure = aggregate === 'count' ? { op: 'count', as: 'size' } : { op: aggregate, field: 'y', as: 'size' };
  return {
    transform: [
      { joinaggregate: [measure], groupby: ['x'] },
      { window: [{ op: 'dense_rank', as: 'rank' }], sort: [{ field: 'size', order: 'descending' }, { field: 'x' }] },
      { filter: `datum.rank <= ${MOST_BARS}` }
    ]
  };
}

function typeOf(column: Column | undefined): Field['type'] {
  return column?.kind === 'number' ? 'quantitative' : column?.kind === 'time' ? 'temporal' : 'nominal';
}

/** Return a cell as Vega-Lite takes it: times as they stand on the clock of the table. */
function valueOf({ kind }: Column, cell: Cell): Cell {
  if (cell === null || kind !== 'time') {
    return kind === 'number' && cell !== null ? Number(cell) : cell;
  }
  const [year, month, day, hour = 0, minute = 0, second = 0] = String(cell).split(/[- T:]/).map(parseFloat);
  return new Date(year, month - 1, day, hour, minute, second).getTime();
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
