/**
 * The jobs or stages of the last minutes on a timeline.
 */
import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

import { barStatusWord, countsOf } from '../../model/barWords';
import { UP } from '../../model/cluster';
import { Bar, jobBars, JobHistory, mergeJobs, PERIODS_MS, sinceOf, stageBars } from '../../model/jobTimeline';
import { Problem } from '../Problem';
import { RangeSelect } from '../RangeSelect';
import { EmptyState } from '../ui/marks';
import { Segmented } from '../ui/Segmented';
import { useNow } from '../ui/useNow';
import { usePolled } from '../useLoaded';
import type { PaneProps } from './pane';
import { Timeline } from './Timeline';

/**
 * Interval between requests, ms. The first answer has at most 100 jobs and 300 stages, about 70 kB; each later one 75 bytes, and about
 * 700 for each job that runs or has just ended. An answer takes the server and the driver a few milliseconds.
 */
const POLL_MS = 2_000;

/** How often the timeline moves, ms. */
const MOVE_MS = 1_000;

/** The pane. */
export function Stages({ model, cluster, isShown, trans, onOpenSparkUi }: PaneProps): JSX.Element {
  const clusterId = cluster.cluster_id;
  const isUp = UP.includes(cluster.state);
  const start = React.useCallback(() => {
    let history: JobHistory | null = null;
    return async () => {
      if (!document.hidden || !history) {
        history = mergeJobs(history, await model.jobs(clusterId, sinceOf(history)), Date.now());
      }
      return history;
    };
  }, [model, clusterId]);
  const { value: history, problem } = usePolled(start, POLL_MS, isShown && isUp);
  const [unit, setUnit] = React.useState('stages');
  const [rangeMs, setRangeMs] = React.useState(PERIODS_MS[0]);
  const bars = React.useMemo(
    () => (unit === 'jobs' ? jobBars : stageBars)(history?.jobs ?? [], trans),
    [history, unit, trans]
  );
  if (!isUp) {
    return (
      <EmptyState title={trans.__('No stages')}>
        {trans.__('Stages are shown only while the cluster is running.')}
      </EmptyState>
    );
  }
  return (
    <>
      <Problem text={problem} />
      {isShown && history && (
        <LiveTimeline
          bars={bars}
          aheadMs={history.aheadMs}
          rangeMs={rangeMs}
          trans={trans}
          onOpen={bar => onOpenSparkUi(bar.path)}
        >
          <Segmented
            label={trans.__('Bars')}
            value={unit}
            choices={[
              ['stages', trans.__('Stages')],
              ['jobs', trans.__('Jobs')]
            ]}
            onChange={setUnit}
          />
          <RangeSelect ranges={PERIODS_MS} value={rangeMs} trans={trans} onChange={setRangeMs} />
        </LiveTimeline>
      )}
    </>
  );
}

interface LiveTimelineProps {
  bars: readonly Bar[];
  /** how far the server's clock is ahead of the browser's, ms */
  aheadMs: number;
  rangeMs: number;
  trans: TranslationBundle;
  /** controls above it */
  children: React.ReactNode;
  onOpen(bar: Bar): void;
}

/** A timeline that moves, except while the pointer or the focus is on it. */
function LiveTimeline({ bars, aheadMs, rangeMs, trans, children, onOpen }: LiveTimelineProps): JSX.Element {
  const latest = { bars, nowMs: useNow(MOVE_MS) + aheadMs };
  const [held, setHeld] = React.useState<typeof latest | null>(null);
  const view = held ?? latest;
  const visible = view.bars.filter(({ endedMs }) => endedMs === null || endedMs >= view.nowMs - rangeMs);
  return (
    <>
      <div className="jp-Dbx-paneBar">
        {children}
        <div className="jp-Dbx-counts" role="group" aria-label={trans.__('Bars by status')}>
          {countsOf(visible).map(([status, count]) => (
            <span key={status} title={barStatusWord(status, trans)}>
              <span className={`jp-Dbx-swatch jp-Dbx-stageBar jp-mod-${status}`} />
              {count} <span className="jp-Dbx-word">{barStatusWord(status, trans)}</span>
            </span>
          ))}
          {visible.length === 0 && trans.__('Nothing ran in this period.')}
        </div>
      </div>
      <Timeline
        bars={visible.length ? view.bars : []}
        nowMs={view.nowMs}
        rangeMs={rangeMs}
        isHeld={held !== null}
        trans={trans}
        onOpen={onOpen}
        onHold={() => setHeld(view)}
        onRelease={() => setHeld(null)}
      />
    </>
  );
}
