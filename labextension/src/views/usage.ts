/**
 * What a cluster has used of its nodes, as the lines of charts.
 */
import type { TranslationBundle } from '@jupyterlab/translation';

import type { Sample } from '../services/wire';

/** For how long samples are shown, ms. */
export const SHOWN_MS = 3_600_000;

/** Samples that are further apart have something missing between them, ms. */
const GAP_MS = 60_000;

/** A line: as many values as there are times; null = nothing is known. */
export interface Line {
  label: string;
  values: (number | null)[];
}

/** A chart. */
export interface Chart {
  title: string;
  unit: string;
  /** s since the epoch */
  times: number[];
  lines: Line[];
  /** what there is at most, in `unit`; 0 = that is not known */
  limit: number;
}

/** Return all samples in time, without those that are too old to be shown. */
export function merged(old: readonly Sample[], more: readonly Sample[]): Sample[] {
  const newest = more[more.length - 1] ?? old[old.length - 1];
  return [...old, ...more].filter(sample => sample.time > newest.time - SHOWN_MS);
}

/** Return the charts of samples, which are in time. */
export function chartsOf(samples: readonly Sample[], trans: TranslationBundle): Chart[] {
  const all = withGaps(samples);
  const times = all.map(sample => sample.time / 1000);
  const nodes = nodesOf(samples);
  const labels = labelsOf(nodes, trans);
  const lines = (value: (node: Sample['nodes'][string]) => number): Line[] =>
    [...nodes.keys()].map(id => ({
      label: labels.get(id)!,
      values: all.map(sample => (sample.nodes[id] ? value(sample.nodes[id]) : null))
    }));
  const most = (value: (node: Sample['nodes'][string]) => number) => Math.max(0, ...[...nodes.values()].map(value));
  const loads = (label: string, value: (load: NonNullable<Sample['load']>) => number): Line => ({
    label,
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
        loads(trans.__('cores'), load => load.total_cores),
        loads(trans.__('waiting'), load => load.pending_tasks),
        loads(trans.__('running'), load => load.running_tasks)
      ],
      limit: 0
    }
  ];
}

/** Return a chart in a sentence, for those who do not see it. */
export function chartWords({ title, unit, lines }: Chart, trans: TranslationBundle): string {
  const now = lines
    .map(line => ({ label: line.label, value: line.values[line.values.length - 1] }))
    .filter(({ value }) => value !== null && value !== undefined)
    .map(({ label, value }) => `${label} ${Number(value!.toFixed(2))}`);
  return trans.__('%1 of the last hour; now: %2', title, `${now.join(', ')} ${unit}`.trim());
}

/** Put an empty sample wherever something is missing, so that no line bridges it. */
function withGaps(samples: readonly Sample[]): Sample[] {
  return samples.flatMap((sample, index) => {
    const before = samples[index - 1];
    const isGap = before && sample.time - before.time > GAP_MS;
    return isGap ? [{ time: before.time + 1000, load: null, nodes: {} }, sample] : [sample];
  });
}

/** Return every node that was there, the driver first, as it was seen last. */
function nodesOf(samples: readonly Sample[]): Map<string, Sample['nodes'][string]> {
  const found = new Map(samples.flatMap(sample => Object.entries(sample.nodes)));
  return new Map([...found].sort(([, a], [, b]) => a.role.localeCompare(b.role)));
}

function labelsOf(nodes: Map<string, Sample['nodes'][string]>, trans: TranslationBundle): Map<string, string> {
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
