/**
 * How busy a cluster was in the last hour, node by node.
 */
import * as React from 'react';

import type { Sample } from '../services/wire';
import { LineChart } from './LineChart';
import type { PageProps } from './page';
import { chartsOf, merged } from './usage';

/** How often the server is asked for more, ms: as often as it looks. */
const ASK_MS = 15_000;

/** The charts. */
export function Metrics({ model, clusterId, trans }: PageProps): JSX.Element {
  const [samples, setSamples] = React.useState<Sample[] | null>(null);
  const [trouble, setTrouble] = React.useState('');
  React.useEffect(() => {
    let isCurrent = true;
    let timer = 0;
    let known: Sample[] = [];
    const ask = async () => {
      try {
        const more = document.hidden && known.length ? [] : await model.metrics(clusterId, known[known.length - 1]?.time ?? 0);
        if (isCurrent) {
          known = merged(known, more);
          setSamples(known);
          setTrouble('');
        }
      } catch (error) {
        if (isCurrent) {
          setTrouble((error as Error).message);
        }
      }
      if (isCurrent) {
        timer = window.setTimeout(ask, ASK_MS);
      }
    };
    void ask();
    return () => {
      isCurrent = false;
      window.clearTimeout(timer);
    };
  }, [clusterId]);
  const charts = React.useMemo(() => chartsOf(samples ?? [], trans), [samples]);
  return (
    <>
      {trouble && <div className="jp-Dbx-trouble">{trouble}</div>}
      {samples?.length === 0 && (
        <div className="jp-Dbx-empty">
          {trans.__('Nothing was measured yet: that begins half a minute after the cluster is up.')}
        </div>
      )}
      {!!samples?.length &&
        charts.map(chart => <LineChart key={chart.title} chart={chart} group={clusterId} trans={trans} />)}
    </>
  );
}
