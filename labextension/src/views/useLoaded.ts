/**
 * Hooks that load what a view shows.
 */
import * as React from 'react';

/** A loaded value. */
export interface Loaded<T> {
  /** the latest one; null = none yet */
  value: T | null;
  /** error of the latest attempt; "" = it succeeded */
  problem: string;
}

/** Load a value, and again when `load` (from `useCallback`) or `version` changes, or `reload` is called. */
export function useLoaded<T>(load: () => Promise<T>, version?: unknown): Loaded<T> & { reload(): void } {
  const [loaded, setLoaded] = React.useState<Loaded<T>>({ value: null, problem: '' });
  const [attempt, reload] = React.useReducer((count: number) => count + 1, 0);
  React.useEffect(() => {
    let isCurrent = true;
    load().then(
      value => isCurrent && setLoaded({ value, problem: '' }),
      (error: Error) => isCurrent && setLoaded(({ value }) => ({ value, problem: error.message }))
    );
    return () => {
      isCurrent = false;
    };
  }, [load, version, attempt]);
  return { ...loaded, reload };
}

/**
 * Load a value again and again, `intervalMs` after each attempt; null = once.
 *
 * `start` (from `useCallback`) returns the function that loads; when `start` changes, it is called again, and so it is when the
 * view is shown again: nothing is loaded while it is hidden.
 */
export function usePolled<T>(start: () => () => Promise<T>, intervalMs: number | null, isShown = true): Loaded<T> {
  const [loaded, setLoaded] = React.useState<Loaded<T>>({ value: null, problem: '' });
  React.useEffect(() => {
    const load = start();
    let isCurrent = isShown;
    let timer = 0;
    const poll = async () => {
      const next = await load().then(
        value => ({ value, problem: '' }),
        (error: Error) => ({ problem: error.message })
      );
      if (isCurrent) {
        setLoaded(before => ({ ...before, ...next }));
        timer = intervalMs === null ? 0 : window.setTimeout(() => void poll(), intervalMs);
      }
    };
    if (isShown) {
      void poll();
    }
    return () => {
      isCurrent = false;
      window.clearTimeout(timer);
    };
  }, [start, intervalMs, isShown]);
  return loaded;
}
