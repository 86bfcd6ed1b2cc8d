/**
 * A bar that shows a part of a whole.
 */
import * as React from 'react';

interface MeterProps {
  part: number;
  label: string;
  changing?: boolean;
  /** true = what it measures has failed */
  failed?: boolean;
}

/** A bar that is filled to `part`, 0…1. */
export function Meter({ part, label, changing, failed }: MeterProps): JSX.Element {
  const percent = Math.round(100 * Math.min(1, part));
  return (
    <span
      className={`jp-Dbx-meter${changing ? ' jp-mod-changing' : ''}${failed ? ' jp-mod-failed' : ''}`}
      role="meter"
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={percent}
    >
      <i style={{ width: `${percent}%` }} />
    </span>
  );
}
