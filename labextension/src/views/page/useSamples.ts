/**
 * The samples of a cluster's usage, kept up to date.
 */
import * as React from 'react';

import type { ClusterSource } from '../../model/clusterSource';
import { mergeSamples } from '../../model/usage';
import type { Sample } from '../../model/wire';
import { Loaded, usePolled } from '../useLoaded';

/** Interval between requests, ms: that of the server's samples. */
const POLL_MS = 15_000;

/** Return all samples that the server keeps; requests them while the view is shown. */
export function useSamples(model: Pick<ClusterSource, 'metrics'>, clusterId: string, isShown = true): Loaded<Sample[]> {
  const start = React.useCallback(() => {
    let samples: Sample[] = [];
    return async () => {
      if (!document.hidden || samples.length === 0) {
        const newest = samples[samples.length - 1]?.time ?? 0;
        samples = mergeSamples(samples, await model.metrics(clusterId, newest));
      }
      return samples;
    };
  }, [model, clusterId]);
  return usePolled(start, POLL_MS, isShown);
}
