/**
 * What an event of a cluster says, as people read it.
 */
import type { TranslationBundle } from '@jupyterlab/translation';

import type { ClusterEvent, Reason } from '../services/wire';
import { durationWords } from './words';

/** Return what happened. */
export function eventWords(event: ClusterEvent, trans: TranslationBundle): string {
  const details = event.details ?? {};
  const by = details.user ? ` ${trans.__('by %1', details.user)}` : '';
  const now = trans._n('%1 worker', '%1 workers', details.current_num_workers ?? 0);
  const target = trans._n('%1 worker', '%1 workers', details.target_num_workers ?? 0);
  const why = details.driver_state_message || (details.reason && reasonWords(details.reason, trans));
  const because = why ? `: ${why}` : '';
  const node = details.instance_id || trans.__('a worker');
  const words: Record<string, string> = {
    CREATING: trans.__('created') + by,
    STARTING: trans.__('starts') + by,
    RUNNING: trans.__('runs with %1', now),
    RESTARTING: trans.__('restarts') + by,
    TERMINATING: trans.__('ends: %1', why || trans.__('no reason is known')),
    RESIZING:
      trans.__('goes from %1 to %2', now, target) + (details.cause === 'AUTOSCALE' ? trans.__(', by its load') : ''),
    UPSIZE_COMPLETED: trans.__('has %1', now),
    NODES_LOST: trans.__('lost a node; %1 left, and it is replaced', now),
    ADD_NODES_FAILED: trans.__('a node could not be added') + because,
    DRIVER_HEALTHY: trans.__('the driver is well again'),
    DRIVER_NOT_RESPONDING: trans.__('the driver does not respond') + because,
    EDITED: trans.__('changed') + by,
    PINNED: trans.__('pinned') + by,
    UNPINNED: trans.__('unpinned') + by,
    AUTOSCALING_FAILED: trans.__('cannot grow') + because,
    DECOMMISSION_STARTED: trans.__('%1 hands its data over', node),
    DECOMMISSION_ENDED: trans.__('%1 has handed its data over', node),
    INACTIVITY_WARNING: trans.__(
      'not in use: ends in %1 unless it is used or extended',
      durationWords(details.ends_in_s ?? 0, trans)
    )
  };
  return words[event.type] ?? event.type.toLowerCase().replace(/_/g, ' ');
}

/** Return why a cluster ended. */
export function reasonWords(reason: Reason, trans: TranslationBundle): string {
  const parameters = reason.parameters ?? {};
  const minutes = parameters.inactivity_duration_min;
  const known: Record<string, string> = {
    USER_REQUEST: parameters.username ? trans.__('asked for by %1', parameters.username) : trans.__('asked for'),
    INACTIVITY: minutes ? trans.__('not in use for %1 min', minutes) : trans.__('not in use')
  };
  const told = known[reason.code] ?? reason.code;
  return parameters.databricks_error_message ? `${told}: ${parameters.databricks_error_message}` : told;
}
