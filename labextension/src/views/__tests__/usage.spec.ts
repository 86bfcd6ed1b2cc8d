import type { Sample } from '../../services/wire';
import { chartsOf, chartWords, merged, SHOWN_MS } from '../usage';
import { trans } from './samples';

const node = { role: 'worker' as const, cores: 2, memory_limit_mib: 2048, cpu: 0.5, memory_mib: 512 };
const load = { running_tasks: 3, pending_tasks: 4, busy_cores: 2, total_cores: 2 };

function aSample(time: number, changes: Partial<Sample> = {}): Sample {
  return { time, load, nodes: { w1: node, d: { ...node, role: 'driver', cores: 4 } }, ...changes };
}

describe('usage', () => {
  it('is one line for each node, the driver first', () => {
    const [cpu, memory, tasks] = chartsOf([aSample(15_000), aSample(30_000)], trans);
    expect(cpu.times).toEqual([15, 30]);
    expect(cpu.lines.map(line => line.label)).toEqual(['driver', 'worker 1']);
    expect(cpu.lines[1].values).toEqual([0.5, 0.5]);
    expect(cpu.limit).toBe(4);
    expect(memory.lines[0].values).toEqual([0.5, 0.5]);
    expect(memory.limit).toBe(2);
    expect(tasks.lines.map(line => line.values[0])).toEqual([2, 4, 3]);
  });

  it('says nothing of a node before it came and after it went', () => {
    const [cpu] = chartsOf([aSample(0), aSample(15_000, { nodes: { w2: node } }), aSample(30_000)], trans);
    expect(cpu.lines.map(line => [line.label, line.values])).toEqual([
      ['driver', [0.5, null, 0.5]],
      ['worker 1', [0.5, null, 0.5]],
      ['worker 2', [null, 0.5, null]]
    ]);
  });

  it('has a gap while the cluster was not up, or nobody looked', () => {
    const [cpu, , tasks] = chartsOf([aSample(0), aSample(600_000), aSample(615_000, { load: null })], trans);
    expect(cpu.times).toEqual([0, 1, 600, 615]);
    expect(cpu.lines[0].values).toEqual([0.5, null, 0.5, 0.5]);
    expect(tasks.lines[0].values).toEqual([2, null, 2, null]);
  });

  it('is told in words, too', () => {
    const [cpu] = chartsOf([aSample(0)], trans);
    expect(chartWords(cpu, trans)).toBe('CPU of the last hour; now: driver 0.5, worker 1 0.5 cores');
  });

  it('is shown of the last hour', () => {
    const old = [aSample(0), aSample(SHOWN_MS / 2)];
    expect(merged(old, [aSample(SHOWN_MS + 1)]).map(sample => sample.time)).toEqual([SHOWN_MS / 2, SHOWN_MS + 1]);
    expect(merged(old, [])).toEqual(old);
    expect(merged([], [])).toEqual([]);
  });
});
