/**
 * What the kernel computes of all rows when the user asks for it.
 */
import * as React from 'react';

/** A computation. */
export interface Computation {
  isRunning: boolean;
  /** its error, or "" */
  problem: string;
  /** Start it, unless it runs. */
  start(): void;
  cancel(): void;
}

/** Let the user start and cancel a computation; it is cancelled when the view is closed, or `compute` changes. */
export function useComputation(compute: (signal: AbortSignal) => Promise<void>): Computation {
  const [isRunning, setIsRunning] = React.useState(false);
  const [problem, setProblem] = React.useState('');
  const running = React.useRef<AbortController | null>(null);
  const cancel = React.useCallback(() => {
    running.current?.abort();
    running.current = null;
    setIsRunning(false);
  }, []);
  const start = React.useCallback(() => {
    if (running.current) {
      return;
    }
    const controller = new AbortController();
    running.current = controller;
    setIsRunning(true);
    setProblem('');
    const isCurrent = () => running.current === controller;
    compute(controller.signal)
      .catch((error: Error) => isCurrent() && setProblem(error.message))
      .finally(() => {
        if (isCurrent()) {
          running.current = null;
          setIsRunning(false);
        }
      });
  }, [compute]);
  React.useEffect(() => cancel, [compute, cancel]);
  return { isRunning, problem, start, cancel };
}
