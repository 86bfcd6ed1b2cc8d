/**
 * Small marks of our own: a state's dot, a sparkline, facts by name, and what a view shows while it has nothing.
 */
import * as React from 'react';

/** How a cluster is. */
export type Health = 'up' | 'changing' | 'failed' | 'down';

/** A dot; its shape, too, says how a cluster is, for those who do not see its colour. */
export function StateDot({ health }: { health: Health }): JSX.Element {
  return <span className={`jp-Dbx-dot jp-mod-${health}`} aria-hidden="true" />;
}

/** Points of a sparkline. */
const WIDTH_PX = 64;
const HEIGHT_PX = 16;

/** A line of values, 0…1, oldest first; a value stays at its place from the right while the line grows. */
export function Sparkline({
  values,
  label,
  most
}: {
  values: readonly number[];
  label: string;
  most: number;
}): JSX.Element {
  const step = WIDTH_PX / (most - 1);
  const start = WIDTH_PX - step * (values.length - 1);
  const y = (value: number) => HEIGHT_PX - 1 - Math.min(1, Math.max(0, value)) * (HEIGHT_PX - 2);
  const points = values.map((value, index) => `${(start + index * step).toFixed(1)},${y(value).toFixed(1)}`);
  const area = `${start.toFixed(1)},${HEIGHT_PX} ${points.join(' ')} ${WIDTH_PX},${HEIGHT_PX}`;
  return (
    <svg className="jp-Dbx-sparkline" width={WIDTH_PX} height={HEIGHT_PX} role="img" aria-label={label}>
      <line x1="0" x2={WIDTH_PX} y1={HEIGHT_PX - 0.5} y2={HEIGHT_PX - 0.5} />
      {values.length > 1 && <polygon points={area} />}
      {values.length > 1 && <polyline points={points.join(' ')} />}
      {values.length > 0 && <circle cx={WIDTH_PX - 2} cy={y(values[values.length - 1])} r="2" />}
    </svg>
  );
}

/** Facts by name, in the order given; a fact without a value is left out. */
export function KeyValue({
  facts
}: {
  facts: readonly (readonly [name: React.ReactNode, value: React.ReactNode])[];
}): JSX.Element {
  return (
    <dl className="jp-Dbx-dl">
      {facts
        .filter(([, value]) => value)
        .map(([name, value], index) => (
          <React.Fragment key={index}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </React.Fragment>
        ))}
    </dl>
  );
}

interface EmptyStateProps {
  title: string;
  /** what to do next */
  children?: React.ReactNode;
}

/** What a view shows while it has nothing. */
export function EmptyState({ title, children }: EmptyStateProps): JSX.Element {
  return (
    <div className="jp-Dbx-empty">
      <h3>{title}</h3>
      {children}
    </div>
  );
}
