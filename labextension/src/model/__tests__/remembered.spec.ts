import { argsOf, remember, rememberedIn } from '../remembered';
import { aCluster } from './samples';

const SAVED = { cluster_id: '1', name: 'etl', gone_ms: 0 };

describe('remember', () => {
  it('knows nothing new before the list is loaded', () => {
    const before = rememberedIn(SAVED);

    expect(remember(before, null, 5)).toBe(before);
  });

  it('follows the name of the cluster', () => {
    const found = remember(rememberedIn({ cluster_id: '1' }), [aCluster({ cluster_name: 'new' })], 5);

    expect(found).toEqual({ clusterId: '1', name: 'new', isHere: true, goneMs: 0 });
    expect(remember(found, [aCluster({ cluster_name: 'new', state: 'TERMINATED' })], 6)).toBe(found);
  });

  it('keeps the name of a deleted cluster, and when it went', () => {
    const gone = remember(remember(rememberedIn(SAVED), [aCluster()], 5), [], 7);

    expect(gone).toEqual({ clusterId: '1', name: 'etl', isHere: false, goneMs: 7 });
    expect(remember(gone, [], 8)).toBe(gone);
    expect(remember(rememberedIn(argsOf(gone)), [], 9).goneMs).toBe(7);
  });

  it('does not claim when a cluster went while nobody watched', () => {
    expect(remember(rememberedIn(SAVED), [], 9).goneMs).toBe(0);
  });
});
