import { scaleOf } from '../scale';
import { aCluster, catalogue, trans } from './samples';

// Nodes have 4 cores and 16 GiB; 6 cores and 12 GiB are free.
const limits = { ...catalogue.limits, capacity: { ...catalogue.limits.capacity!, free_memory_mib: 65_536 } };
const roomy = { ...catalogue, limits };

describe('scaleOf', () => {
  it('is for running clusters of a fixed size', () => {
    const autoscale = { min_workers: 1, max_workers: 4 };
    expect(scaleOf(aCluster({ autoscale }), undefined, catalogue, '', trans)).toBeNull();
    expect(scaleOf(aCluster({ num_workers: 0 }), undefined, catalogue, '', trans)).toBeNull();
    expect(scaleOf(aCluster({ state: 'TERMINATED' }), undefined, catalogue, '', trans)).toBeNull();
    expect(scaleOf(aCluster(), undefined, catalogue, '', trans)?.workers).toBe(2);
  });

  it('keeps one worker', () => {
    expect(scaleOf(aCluster(), undefined, roomy, '', trans)?.whyNotLess).toBe('');
    expect(scaleOf(aCluster(), 1, roomy, '', trans)).toMatchObject({
      workers: 1,
      whyNotLess: 'A cluster of this kind has at least one worker.'
    });
  });

  it('grows as far as there is room, counting workers that are not requested yet', () => {
    expect(scaleOf(aCluster(), undefined, roomy, '', trans)?.whyNotMore).toBe('');
    expect(scaleOf(aCluster(), 3, roomy, '', trans)?.whyNotMore).toBe(
      'Another worker needs 4 cores, 16 GiB. Available: 2 cores, 48 GiB.'
    );
    expect(scaleOf(aCluster(), undefined, catalogue, '', trans)?.whyNotMore).toContain('Available: 6 cores, 12 GiB.');
  });

  it('waits for a resize', () => {
    const scale = scaleOf(aCluster({ state: 'RESIZING' }), undefined, roomy, '', trans);
    expect([scale?.whyNotLess, scale?.whyNotMore]).toEqual(Array(2).fill('The cluster is being resized.'));
  });

  it('says why a user may not change it', () => {
    const scale = scaleOf(aCluster(), undefined, roomy, 'Ask ann.', trans);
    expect(scale).toEqual({ workers: 2, whyNotLess: 'Ask ann.', whyNotMore: 'Ask ann.' });
  });
});
