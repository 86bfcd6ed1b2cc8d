/**
 * The current time in a view.
 */
import * as React from 'react';

/** Return the current time, ms since the epoch, and draw again after so many ms, so that times advance. */
export function useNow(everyMs: number): number {
  const [, tick] = React.useReducer((count: number) => count + 1, 0);
  React.useEffect(() => {
    const timer = window.setInterval(tick, everyMs);
    return () => window.clearInterval(timer);
  }, [everyMs]);
  return Date.now();
}
