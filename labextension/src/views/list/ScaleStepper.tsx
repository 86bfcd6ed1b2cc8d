/**
 * The workers of a running cluster, with a button to remove and one to add a worker.
 */
import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

import type { Scale } from '../../model/scale';

interface ScaleStepperProps {
  scale: Scale;
  trans: TranslationBundle;
  onScale(workers: number): void;
}

/** − n +; a button without effect says why. */
export function ScaleStepper({ scale, trans, onScale }: ScaleStepperProps): JSX.Element {
  const { workers, whyNotLess, whyNotMore } = scale;
  const step = (by: 1 | -1, label: string, whyNot: string) => (
    <button
      className={`jp-Dbx-step${by < 0 ? ' jp-mod-less' : ' jp-mod-more'}`}
      aria-label={label}
      aria-disabled={!!whyNot}
      title={whyNot || label}
      onClick={() => !whyNot && onScale(workers + by)}
    />
  );
  return (
    <span
      className="jp-Dbx-steps"
      role="group"
      aria-label={trans.__('Number of workers')}
      onDoubleClick={event => event.stopPropagation()} // two quick clicks do not open the cluster
    >
      {step(-1, trans.__('Remove a worker'), whyNotLess)}
      <span aria-live="polite">{workers}</span>
      {step(1, trans.__('Add a worker'), whyNotMore)}
    </span>
  );
}
