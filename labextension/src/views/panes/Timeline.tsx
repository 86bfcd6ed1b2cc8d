/**
 * Bars over time, in lanes by notebook.
 */
import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

import { barWords } from '../../model/barWords';
import { Bar, Group, groupsOf, LABEL_PX, ticksOf } from '../../model/jobTimeline';
import { notebookName } from '../../model/words';
import { useWidth } from '../ui/useWidth';

/** Space to the right of the present, for the labels of the newest bars: a part of the width, and its maximum, px. */
const MARGIN_PART = 0.3;
const MARGIN_PX = 120;

/** Least distance of two ticks, of a tick and the present, and least width of a bar, px. */
const TICK_PX = 70;
const TEXT_PX = 36;
const LEAST_PX = 4;

interface TimelineProps {
  bars: readonly Bar[];
  /** ms since the epoch */
  nowMs: number;
  /** period that it shows, ms */
  rangeMs: number;
  /** true = it stands still */
  isHeld: boolean;
  trans: TranslationBundle;
  onOpen(bar: Bar): void;
  /** The pointer or the focus has come, and has gone. */
  onHold(): void;
  onRelease(): void;
}

/** The timeline; the present is near its right edge. */
export function Timeline(props: TimelineProps): JSX.Element {
  const { bars, nowMs, rangeMs, isHeld, trans, onHold, onRelease } = props;
  const [ref, width] = useWidth<HTMLDivElement>();
  const fromMs = nowMs - rangeMs;
  const plotPx = Math.max(1, width - Math.min(MARGIN_PX, MARGIN_PART * width));
  const msPerPx = rangeMs / plotPx;
  const groups = React.useMemo(() => groupsOf(bars, fromMs, msPerPx), [bars, fromMs, msPerPx]);
  const scale: Scale = { xOf: ms => (ms - fromMs) / msPerPx, width, nowMs };
  return (
    <div
      ref={ref}
      className="jp-Dbx-lanes"
      role="group"
      aria-label={trans.__('Timeline')}
      onPointerEnter={onHold}
      onPointerLeave={onRelease}
      onFocus={onHold}
      onBlur={onRelease}
    >
      <Ticks
        ticks={ticksOf(fromMs, nowMs - TEXT_PX * msPerPx, TICK_PX * msPerPx)}
        scale={scale}
        // Where it moves nothing else, which the pointer is about to click.
        hint={isHeld ? trans.__('Paused') : ''}
      />
      {width > 0 && groups.map(group => <GroupLanes key={group.notebook} group={group} scale={scale} {...props} />)}
    </div>
  );
}

interface Scale {
  /** Return the place of an instant, px from the left edge. */
  xOf(ms: number): number;
  /** px */
  width: number;
  nowMs: number;
}

interface TicksProps {
  ticks: readonly number[];
  scale: Scale;
  hint: string;
}

function Ticks({ ticks, scale, hint }: TicksProps): JSX.Element {
  return (
    <div className="jp-Dbx-ticks" aria-hidden="true">
      <em>{hint}</em>
      {ticks.map(tick => (
        <span key={tick} style={{ left: scale.xOf(tick) }}>
          {new Date(tick).toTimeString().slice(0, tick % 60_000 ? 8 : 5)}
        </span>
      ))}
      <i style={{ left: scale.xOf(scale.nowMs) }} />
    </div>
  );
}

type GroupProps = Pick<TimelineProps, 'trans' | 'onOpen'> & { group: Group; scale: Scale };

function GroupLanes({ group, scale, trans, onOpen }: GroupProps): JSX.Element {
  const { notebook, lanes } = group;
  const name = notebook ? notebookName(notebook, trans) : trans.__('Other');
  return (
    <section aria-label={name}>
      <h4 title={notebook}>{name}</h4>
      {lanes.map(lane => (
        <div key={lane[0].id} className="jp-Dbx-lane">
          {lane.map((bar, index) => (
            <BarButton
              key={bar.id}
              bar={bar}
              endPx={lane[index + 1] ? scale.xOf(lane[index + 1].beganMs) : scale.width}
              scale={scale}
              trans={trans}
              onOpen={onOpen}
            />
          ))}
        </div>
      ))}
    </section>
  );
}

type BarProps = Omit<GroupProps, 'group'> & {
  bar: Bar;
  /** where the space for its label ends, px */
  endPx: number;
};

function BarButton({ bar, endPx, scale, trans, onOpen }: BarProps): JSX.Element {
  const left = Math.max(0, scale.xOf(bar.beganMs));
  const right = Math.max(left + LEAST_PX, scale.xOf(bar.endedMs ?? scale.nowMs));
  const words = barWords(bar, scale.nowMs, trans);
  const isInside = right - left >= LABEL_PX;
  return (
    <button
      className="jp-Dbx-slot"
      style={{ left, width: endPx - left }}
      title={words}
      aria-label={words}
      onClick={() => onOpen(bar)}
    >
      <span className={`jp-Dbx-stageBar jp-mod-${bar.status}`} style={{ width: right - left }}>
        {bar.status === 'running' && <i style={{ width: `${(100 * bar.done) / Math.max(1, bar.tasks)}%` }} />}
      </span>
      <span className="jp-Dbx-barLabel" style={{ marginLeft: isInside ? 0 : right - left }}>
        {bar.label}
      </span>
    </button>
  );
}
