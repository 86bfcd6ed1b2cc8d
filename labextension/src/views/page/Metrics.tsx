/**
 * Charts of a cluster's usage over the last minutes or the last hour, node by node.
 */
import * as React from 'react';

import { chartsOf, KEPT_MS, RANGES_MS } from '../../model/usage';
import { Problem } from '../Problem';
import { RangeSelect } from '../RangeSelect';
import { EmptyState } from '../ui/marks';
import { LineCharts } from './LineCharts';
import type { TabProps } from './page';
import { useSamples } from './useSamples';

/** The tab. */
export function Metrics({ model, clusterId, trans }: TabProps): JSX.Element {
  const { value: samples, problem } = useSamples(model, clusterId);
  const [rangeMs, setRangeMs] = React.useState(KEPT_MS);
  const charts = React.useMemo(() => chartsOf(samples ?? [], rangeMs, trans), [samples, rangeMs, trans]);
  return (
    <>
      <Problem text={problem} />
      {samples?.length === 0 && (
        <EmptyState title={trans.__('No metrics yet')}>
          {trans.__('Collection starts about 30 seconds after the cluster is running.')}
        </EmptyState>
      )}
      {!!samples?.length && <RangeSelect ranges={RANGES_MS} value={rangeMs} trans={trans} onChange={setRangeMs} />}
      {!!samples?.length && <LineCharts charts={charts} group={clusterId} rangeMs={rangeMs} trans={trans} />}
    </>
  );
}
