import type { Sample } from '../wire';
import { chartsOf, chartWords, mergeSamples, KEPT_MS } from '../usage';
import { trans } from './samples';

const node = { role: 'worker' as const, cores: 2, memory_limit_mib: 2048, cpu: 0.5, memory_mib: 512 };
const load = { running_tasks: 3, pending_tasks: 4, busy_cores: 2, total_cores: 2 };

function aSample(time: number, changes: Partial<Sample> = {}): Sample {
  return { time, load, nodes: { w1: node, d: { ...node, role: 'driver', cores: 4 } }, ...changes };
}

describe('usage', () => {
  it('has one line for each node, the driver first', () => {
    const [cpu, memory, tasks] = chartsOf([aSample(15_000), aSample(30_000)], KEPT_MS, trans);
    expect(cpu.times).toEqual([15, 30]);
    expect(cpu.lines.map(line => line.label)).toEqual(['driver', 'worker 1']);
    expect(cpu.lines[1].values).toEqual([0.5, 0.5]);
    expect(cpu.limit).toBe(4);
    expect(memory.lines[0].values).toEqual([0.5, 0.5]);
    expect(memory.limit).toBe(2);
    expect(tasks.lines.map(line => line.values[0])).toEqual([2, 4, 3]);
  });

  it('has no values of a node before it joined and after it left', () => {
    const [cpu] = chartsOf([aSample(0), aSample(15_000, { nodes: { w2: node } }), aSample(30_000)], KEPT_MS, trans);
    expect(cpu.lines.map(line => [line.label, line.values])).toEqual([
      ['driver', [0.5, null, 0.5]],
      ['worker 1', [0.5, null, 0.5]],
      ['worker 2', [null, 0.5, null]]
    ]);
  });

  it('shows only the nodes that lived in the range, with the names and colours that they have in all', () => {
    const driver = { ...node, role: 'driver' as const };
    const samples = [aSample(0), aSample(600_000, { nodes: { d: driver, w2: node } })];
    const [cpu] = chartsOf(samples, 300_000, trans);
    expect(cpu.times).toEqual([600]);
    expect(cpu.lines.map(line => [line.label, line.color])).toEqual([
      ['driver', 0],
      ['worker 2', 2]
    ]);
    expect(chartsOf(samples, KEPT_MS, trans)[0].lines.map(line => line.label)).toEqual([
      'driver',
      'worker 1',
      'worker 2'
    ]);
  });

  it('has a gap while no samples were taken', () => {
    const [cpu, , tasks] = chartsOf([aSample(0), aSample(600_000), aSample(615_000, { load: null })], KEPT_MS, trans);
    expect(cpu.times).toEqual([0, 1, 600, 615]);
    expect(cpu.lines[0].values).toEqual([0.5, null, 0.5, 0.5]);
    expect(tasks.lines[0].values).toEqual([2, null, 2, null]);
  });

  it('has a description', () => {
    const [cpu] = chartsOf([aSample(0)], KEPT_MS, trans);
    expect(chartWords(cpu, KEPT_MS, trans)).toBe('CPU over the last 60 min; now: driver 0.5, worker 1 0.5 cores');
  });

  it('covers the last hour', () => {
    const old = [aSample(0), aSample(KEPT_MS / 2)];
    expect(mergeSamples(old, [aSample(KEPT_MS + 1)]).map(sample => sample.time)).toEqual([KEPT_MS / 2, KEPT_MS + 1]);
    expect(mergeSamples(old, [])).toEqual(old);
    expect(mergeSamples([], [])).toEqual([]);
  });
});
