/**
 * Texts of a cluster's events.
 */
import type { TranslationBundle } from '@jupyterlab/translation';

import type { ClusterEvent, Reason } from './wire';
import { durationWords } from './words';

/** Return the message of an event; an unknown type gives its own name. */
export function eventWords({ type, details = {} }: ClusterEvent, trans: TranslationBundle): string {
  const by = details.user ? ` ${trans.__('by %1', details.user)}` : '';
  const requested = details.user ? `, ${trans.__('requested by %1', details.user)}` : '';
  const now = trans._n('%1 worker', '%1 workers', details.current_num_workers ?? 0);
  const target = trans._n('%1 worker', '%1 workers', details.target_num_workers ?? 0);
  const why = details.driver_state_message || (details.reason && reasonWords(details.reason, trans));
  const because = why ? `: ${why}` : '';
  const node = details.instance_id || trans.__('a worker');
  const autoscaled = details.cause === 'AUTOSCALE' ? ` ${trans.__('(autoscaling)')}` : '';
  const left = durationWords(details.ends_in_s ?? 0, trans);
  const words: Record<string, string> = {
    CREATING: trans.__('Created') + by,
    STARTING: trans.__('Starting') + requested,
    RUNNING: trans.__('Running with %1', now),
    RESTARTING: trans.__('Restarting') + requested,
    TERMINATING: trans.__('Terminating: %1', why || trans.__('unknown reason')),
    RESIZING: trans.__('Resizing from %1 to %2', now, target) + autoscaled,
    UPSIZE_COMPLETED: trans.__('Resized to %1', now),
    NODES_LOST: trans.__('Lost a node and is replacing it: %1 left', now),
    ADD_NODES_FAILED: trans.__('Failed to add a node') + because,
    DRIVER_HEALTHY: trans.__('Driver is healthy'),
    DRIVER_NOT_RESPONDING: trans.__('Driver is not responding') + because,
    EDITED: trans.__('Edited') + by,
    PINNED: trans.__('Pinned') + by,
    UNPINNED: trans.__('Unpinned') + by,
    AUTOSCALING_FAILED: trans.__('Autoscaling failed') + because,
    DECOMMISSION_STARTED: trans.__('Decommissioning %1', node),
    DECOMMISSION_ENDED: trans.__('Decommissioned %1', node),
    INACTIVITY_WARNING: trans.__('Idle: terminates in %1 unless it is used or extended', left)
  };
  return words[type] ?? type.toLowerCase().replace(/_/g, ' ');
}

/** Return why a cluster terminated. */
export function reasonWords({ code, parameters = {} }: Reason, trans: TranslationBundle): string {
  const minutes = parameters.inactivity_duration_min;
  const words: Record<string, string> = {
    USER_REQUEST: parameters.username ? trans.__('requested by %1', parameters.username) : trans.__('requested'),
    INACTIVITY: minutes ? trans.__('inactive for %1 min', minutes) : trans.__('inactive')
  };
  const reason = words[code] ?? code;
  return parameters.databricks_error_message ? `${reason}: ${parameters.databricks_error_message}` : reason;
}
