/**
 * Running and pending tasks and cores over the last minutes, and the tasks of each executor now.
 */
import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

import { UP } from '../../model/cluster';
import { chartsOf, mergeSamples, RANGES_MS } from '../../model/usage';
import type { ExecutorLoad, Sample } from '../../model/wire';
import { Meter } from '../Meter';
import { LineCharts } from '../page/LineCharts';
import { Problem } from '../Problem';
import { RangeSelect } from '../RangeSelect';
import { Table } from '../Table';
import { EmptyState } from '../ui/marks';
import { usePolled } from '../useLoaded';
import type { PaneProps } from './pane';

/** Interval between requests, ms. An answer has about 100 bytes, and 100 more for each executor; Spark is not asked for it. */
const POLL_MS = 2_000;

/** What the pane knows: loads, oldest first, and the executors now. */
interface Work {
  samples: Sample[];
  executors: readonly ExecutorLoad[];
}

/** The pane. */
export function Tasks({ model, cluster, isShown, trans }: PaneProps): JSX.Element {
  const clusterId = cluster.cluster_id;
  const isUp = UP.includes(cluster.state);
  const start = React.useCallback(() => {
    let work: Work | null = null;
    return async () => {
      if (!work) {
        work = { samples: await model.metrics(clusterId, 0), executors: [] };
      }
      if (!document.hidden) {
        const { time, load, executors } = await model.executors(clusterId);
        const more = time ? [{ time, load, nodes: {} }] : [];
        work = { samples: mergeSamples(work.samples, more), executors };
      }
      return work;
    };
  }, [model, clusterId]);
  const { value: work, problem } = usePolled(start, POLL_MS, isShown && isUp);
  const [rangeMs, setRangeMs] = React.useState(RANGES_MS[0]);
  const charts = React.useMemo(() => chartsOf(work?.samples ?? [], rangeMs, trans).slice(2), [work, rangeMs, trans]);
  if (!isUp) {
    return (
      <EmptyState title={trans.__('No tasks')}>
        {trans.__('Tasks are shown only while the cluster is running.')}
      </EmptyState>
    );
  }
  return (
    <>
      <Problem text={problem} />
      {!!work?.samples.length && (
        <>
          <div className="jp-Dbx-paneBar jp-mod-floating">
            <RangeSelect ranges={RANGES_MS} value={rangeMs} trans={trans} onChange={setRangeMs} />
          </div>
          <div className="jp-Dbx-paneCharts">
            <LineCharts charts={charts} group={clusterId} rangeMs={rangeMs} fills trans={trans} />
          </div>
          <Executors executors={work.executors} trans={trans} />
        </>
      )}
    </>
  );
}

interface ExecutorsProps {
  executors: readonly ExecutorLoad[];
  trans: TranslationBundle;
}

function Executors({ executors, trans }: ExecutorsProps): JSX.Element {
  const headers = [trans.__('Executor'), trans.__('Running'), trans.__('Complete'), trans.__('Failed')];
  return (
    <div className="jp-Dbx-paneTable">
      <Table headers={headers}>
        {executors.map(({ executor_id: id, cores, running, done, failed }) => (
          <tr key={id}>
            <td>{id}</td>
            <td>
              <Meter part={running / Math.max(1, cores)} label={trans.__('Running tasks of executor %1', id)} />{' '}
              {trans.__('%1 of %2', running, cores)}
            </td>
            <td>{done}</td>
            <td>{failed}</td>
          </tr>
        ))}
      </Table>
    </div>
  );
}
