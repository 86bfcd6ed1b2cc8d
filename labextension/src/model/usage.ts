/**
 * Charts of a cluster's resource usage.
 */
import type { TranslationBundle } from '@jupyterlab/translation';

import type { Sample } from './wire';
import { durationWords } from './words';

type NodeSample = Sample['nodes'][string];

/** Period that the server keeps, and the periods that the charts can show, ms. */
export const KEPT_MS = 3_600_000;
export const RANGES_MS: readonly number[] = [300_000, 900_000, 1_800_000, KEPT_MS];

/** Samples further apart than this have a gap between them, ms. */
const GAP_MS = 60_000;

/** A line with one value for each time; null = unknown. */
export interface Line {
  label: string;
  /** number of its colour, which does not depend on the range */
  color: number;
  values: (number | null)[];
}

/** A chart. */
export interface Chart {
  title: string;
  unit: string;
  /** s since the epoch */
  times: number[];
  lines: Line[];
  /** capacity, in `unit`; 0 = unknown */
  limit: number;
  /** true = its values are counts: its axis has whole numbers only */
  isCount?: boolean;
}

/** Return all samples in order of time, without those older than the server keeps. */
export function mergeSamples(old: readonly Sample[], more: readonly Sample[]): Sample[] {
  return lastOf([...old, ...more], KEPT_MS);
}

/** Return the charts of samples, which are in order of time: of the last `rangeMs`, and of the nodes that lived then. */
export function chartsOf(samples: readonly Sample[], rangeMs: number, trans: TranslationBundle): Chart[] {
  const shown = lastOf(samples, rangeMs);
  const all = withGaps(shown);
  const times = all.map(sample => sample.time / 1000);
  const nodes = nodesOf(shown);
  const labels = labelsOf(nodesOf(samples), trans);
  const colors = [...labels.keys()];
  const lines = (value: (node: NodeSample) => number): Line[] =>
    [...nodes.keys()].map(id => ({
      label: labels.get(id)!,
      color: colors.indexOf(id),
      values: all.map(sample => (sample.nodes[id] ? value(sample.nodes[id]) : null))
    }));
  const most = (value: (node: NodeSample) => number) => Math.max(0, ...[...nodes.values()].map(value));
  const loads = (color: number, label: string, value: (load: NonNullable<Sample['load']>) => number): Line => ({
    label,
    color,
    values: all.map(sample => (sample.load ? value(sample.load) : null))
  });
  return [
    { title: trans.__('CPU'), unit: trans.__('cores'), times, lines: lines(n => n.cpu), limit: most(n => n.cores) },
    {
      title: trans.__('Memory'),
      unit: trans.__('GiB'),
      times,
      lines: lines(node => node.memory_mib / 1024),
      limit: most(node => node.memory_limit_mib / 1024)
    },
    {
      title: trans.__('Tasks'),
      unit: '',
      times,
      lines: [
        loads(0, trans.__('total cores'), load => load.total_cores),
        loads(1, trans.__('pending tasks'), load => load.pending_tasks),
        loads(2, trans.__('running tasks'), load => load.running_tasks)
      ],
      limit: 0,
      isCount: true
    }
  ];
}

/** Return a description of a chart for screen readers. */
export function chartWords({ title, unit, lines }: Chart, rangeMs: number, trans: TranslationBundle): string {
  const now = lines
    .map(line => ({ label: line.label, value: line.values[line.values.length - 1] }))
    .filter(({ value }) => value !== null && value !== undefined)
    .map(({ label, value }) => `${label} ${Number(value!.toFixed(2))}`);
  const range = durationWords(rangeMs / 1000, trans);
  return trans.__('%1 over the last %2; now: %3', title, range, `${now.join(', ')} ${unit}`.trim());
}

/** Return the samples of the last period of so many ms before the newest one. */
function lastOf(samples: readonly Sample[], periodMs: number): Sample[] {
  const newest = samples[samples.length - 1];
  return samples.filter(sample => sample.time > newest.time - periodMs);
}

/** Insert an empty sample into each gap, so that no line bridges it. */
function withGaps(samples: readonly Sample[]): Sample[] {
  return samples.flatMap((sample, index) => {
    const before = samples[index - 1];
    const isGap = before && sample.time - before.time > GAP_MS;
    return isGap ? [{ time: before.time + 1000, load: null, nodes: {} }, sample] : [sample];
  });
}

/** Return the latest sample of every node, the driver's first. */
function nodesOf(samples: readonly Sample[]): Map<string, NodeSample> {
  const found = new Map(samples.flatMap(sample => Object.entries(sample.nodes)));
  return new Map([...found].sort(([, a], [, b]) => a.role.localeCompare(b.role)));
}

function labelsOf(nodes: Map<string, NodeSample>, trans: TranslationBundle): Map<string, string> {
  const counts: Record<string, number> = { driver: 0, worker: 0 };
  const drivers = [...nodes.values()].filter(node => node.role === 'driver').length;
  return new Map(
    [...nodes].map(([id, { role }]) => {
      counts[role] += 1;
      const driver = drivers > 1 ? trans.__('driver %1', counts.driver) : trans.__('driver');
      return [id, role === 'driver' ? driver : trans.__('worker %1', counts.worker)];
    })
  );
}
