import { LoadHistory, SLOT_MS, SLOTS } from '../loadHistory';
import type { Cluster } from '../wire';
import { aCluster } from './samples';

const withLoad = (busy_cores: number): Cluster =>
  aCluster({
    live: {
      time: 0,
      load: { busy_cores, total_cores: 4, pending_tasks: 0 } as NonNullable<Cluster['live']>['load'],
      idle_s: 0,
      ends_in_s: null,
      notebooks: []
    }
  });

describe('LoadHistory', () => {
  it('has no values of a cluster that did nothing', () => {
    const history = new LoadHistory();
    history.note([withLoad(0)], 0);
    expect(history.of('1', 5 * SLOT_MS)).toEqual([]);
    expect(history.of('unknown', 0)).toEqual([]);
  });

  it('holds a load until it changes, and shows a job shorter than a slot', () => {
    const history = new LoadHistory();
    history.note([withLoad(0)], 0);
    history.note([withLoad(4)], SLOT_MS + 1);
    history.note([withLoad(2)], SLOT_MS + 2);
    expect(history.of('1', 3 * SLOT_MS)).toEqual([0, 0, 1, 0.5]);
  });

  it('keeps only the last minutes, and forgets clusters that are gone', () => {
    const history = new LoadHistory();
    history.note([withLoad(1)], 0);
    expect(history.of('1', 10 * SLOTS * SLOT_MS)).toHaveLength(SLOTS);
    history.note([], 1);
    expect(history.of('1', 2)).toEqual([]);
  });
});
