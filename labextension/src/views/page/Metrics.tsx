/**
 * Charts of a cluster's usage over the last minutes or the last hour, node by node.
 */
import { HTMLSelect } from '@jupyterlab/ui-components';
import * as React from 'react';

import { chartsOf, KEPT_MS, mergeSamples, RANGES_MS } from '../../model/usage';
import type { Sample } from '../../model/wire';
import { durationWords } from '../../model/words';
import { Problem } from '../Problem';
import { usePolled } from '../useLoaded';
import { LineCharts } from './LineCharts';
import type { TabProps } from './page';

/** Interval between requests, ms: that of the server's samples. */
const POLL_MS = 15_000;

/** The tab. */
export function Metrics({ model, clusterId, trans }: TabProps): JSX.Element {
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
  const { value: samples, problem } = usePolled(start, POLL_MS);
  const [rangeMs, setRangeMs] = React.useState(KEPT_MS);
  const charts = React.useMemo(() => chartsOf(samples ?? [], rangeMs, trans), [samples, rangeMs, trans]);
  return (
    <>
      <Problem text={problem} />
      {samples?.length === 0 && (
        <div className="jp-Dbx-empty">
          {trans.__('No metrics yet. Collection starts about 30 seconds after the cluster is running.')}
        </div>
      )}
      {!!samples?.length && (
        <label className="jp-Dbx-range">
          {trans.__('Range')}
          <HTMLSelect value={rangeMs} onChange={event => setRangeMs(Number(event.target.value))}>
            {RANGES_MS.map(range => (
              <option key={range} value={range}>
                {trans.__('Last %1', durationWords(range / 1000, trans))}
              </option>
            ))}
          </HTMLSelect>
        </label>
      )}
      {!!samples?.length && <LineCharts charts={charts} group={clusterId} rangeMs={rangeMs} trans={trans} />}
    </>
  );
}
