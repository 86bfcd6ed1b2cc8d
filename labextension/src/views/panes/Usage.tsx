/**
 * CPU and memory of each node of a cluster over the last minutes.
 */
import * as React from 'react';

import { chartsOf, RANGES_MS } from '../../model/usage';
import { LineCharts } from '../page/LineCharts';
import { useSamples } from '../page/useSamples';
import { Problem } from '../Problem';
import { RangeSelect } from '../RangeSelect';
import { EmptyState } from '../ui/marks';
import type { PaneProps } from './pane';

/** The pane; of a cluster that is not running, it shows its last hour. */
export function Usage({ model, cluster, isShown, trans }: PaneProps): JSX.Element {
  const clusterId = cluster.cluster_id;
  const { value: samples, problem } = useSamples(model, clusterId, isShown);
  const [rangeMs, setRangeMs] = React.useState(RANGES_MS[1]);
  const [cpu, memory] = React.useMemo(() => chartsOf(samples ?? [], rangeMs, trans), [samples, rangeMs, trans]);
  return (
    <>
      <Problem text={problem} />
      {samples?.length === 0 && (
        <EmptyState title={trans.__('No metrics yet')}>
          {trans.__('Collection starts about 30 seconds after the cluster is running.')}
        </EmptyState>
      )}
      {!!samples?.length && (
        <>
          <div className="jp-Dbx-paneBar jp-mod-floating">
            <RangeSelect ranges={RANGES_MS} value={rangeMs} trans={trans} onChange={setRangeMs} />
          </div>
          <div className="jp-Dbx-paneCharts">
            <LineCharts charts={[cpu, memory]} group={clusterId} rangeMs={rangeMs} fills trans={trans} />
          </div>
        </>
      )}
    </>
  );
}
