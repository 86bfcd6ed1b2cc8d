/**
 * The start of a cluster, step by step, while it lasts.
 */
import * as React from 'react';

import { START_EVENTS, startedAt, Step, stepsOf } from '../../model/timeline';
import { durationWords, progressOf, stateWord } from '../../model/words';
import { StateDot } from '../ui/marks';
import { useNow } from '../ui/useNow';
import { useLoaded } from '../useLoaded';
import type { TabProps } from './page';

/** The steps, below what is awaited. */
export function StartTimeline({ model, clusterId, cluster, trans }: TabProps): JSX.Element {
  const load = React.useCallback(() => model.events(clusterId, 0, START_EVENTS), [model, clusterId]);
  const { value: page } = useLoaded(load, cluster.state);
  const steps = stepsOf(cluster, startedAt(page?.events ?? []), useNow(1000), trans);
  const [, awaited] = progressOf(cluster, trans);
  return (
    <section className="jp-Dbx-timeline" aria-label={trans.__('Start')}>
      <h3>{stateWord(cluster.state, trans)}</h3>
      <div role="status">{cluster.state_message || awaited}</div>
      <ol>
        {steps.map(step => (
          <li key={step.label} className={`jp-mod-${step.status}`} aria-current={step.status === 'now' && 'step'}>
            <StateDot health={DOTS[step.status]} />
            <span>{step.label}</span>
            <span className="jp-Dbx-hint">
              {step.elapsedS === null ? '' : durationWords(step.elapsedS, trans)}
              {step.status === 'done' && <span className="jp-Dbx-hidden"> {trans.__('(done)')}</span>}
            </span>
          </li>
        ))}
      </ol>
    </section>
  );
}

const DOTS = { done: 'up', now: 'changing', later: 'down' } as const satisfies Record<Step['status'], string>;
