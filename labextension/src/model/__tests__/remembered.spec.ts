import { argsOf, remember, rememberedIn } from '../remembered';
import { aCluster } from './samples';

const SAVED = { cluster_id: '1', name: 'etl', owner: '', gone_ms: 0 };

describe('remember', () => {
  it('knows nothing new before the list is loaded', () => {
    const before = rememberedIn(SAVED);

    expect(remember(before, null, 'ada', 5)).toBe(before);
  });

  it('follows the name of the cluster', () => {
    const found = remember(rememberedIn({ cluster_id: '1' }), [aCluster({ cluster_name: 'new' })], 'ada', 5);

    expect(found).toEqual({ clusterId: '1', name: 'new', owner: '', isHere: true, goneMs: 0 });
    expect(remember(found, [aCluster({ cluster_name: 'new', state: 'TERMINATED' })], 'ada', 6)).toBe(found);
  });

  it('keeps the name of a deleted cluster, and when it went', () => {
    const gone = remember(remember(rememberedIn(SAVED), [aCluster()], 'ada', 5), [], 'ada', 7);

    expect(gone).toEqual({ clusterId: '1', name: 'etl', owner: '', isHere: false, goneMs: 7 });
    expect(remember(gone, [], 'ada', 8)).toBe(gone);
    expect(remember(rememberedIn(argsOf(gone)), [], 'ada', 9).goneMs).toBe(7);
  });

  it('keeps the owner of a cluster of somebody else', () => {
    const gone = remember(remember(rememberedIn(SAVED), [aCluster()], 'bob', 5), [], 'bob', 7);

    expect(gone.owner).toBe('ada');
    expect(rememberedIn(argsOf(gone)).owner).toBe('ada');
  });

  it('does not claim when a cluster went while nobody watched', () => {
    expect(remember(rememberedIn(SAVED), [], 'ada', 9).goneMs).toBe(0);
  });
});
