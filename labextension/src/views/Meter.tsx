/**
 * A bar that shows a part of a whole.
 */
import * as React from 'react';

/** A bar that is filled to `part`, 0…1. */
export function Meter({ part, label, changing }: { part: number; label: string; changing?: boolean }): JSX.Element {
  const percent = Math.round(100 * Math.min(1, part));
  return (
    <span
      className={`jp-Dbx-meter${changing ? ' jp-mod-changing' : ''}`}
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
