/**
 * What a user may do with a cluster, by the level that the server reports. The server decides; this only says so in advance.
 */
import type { TranslationBundle } from '@jupyterlab/translation';

import { CommandIDs } from './commands';
import type { Cluster } from './wire';

/** Levels of permission, weakest first; each includes those before it. */
export const LEVELS = ['CAN_ATTACH_TO', 'CAN_RESTART', 'CAN_MANAGE'] as const;

/** A level of permission. */
export type Level = (typeof LEVELS)[number];

/** Commands and requests that need more than attaching does. */
const NEEDS: Partial<Record<string, Level>> = {
  [CommandIDs.start]: 'CAN_RESTART',
  [CommandIDs.restart]: 'CAN_RESTART',
  [CommandIDs.terminate]: 'CAN_RESTART',
  [CommandIDs.extend]: 'CAN_RESTART',
  [CommandIDs.edit]: 'CAN_MANAGE',
  [CommandIDs.resize]: 'CAN_MANAGE',
  [CommandIDs.remove]: 'CAN_MANAGE',
  [CommandIDs.pin]: 'CAN_MANAGE',
  [CommandIDs.unpin]: 'CAN_MANAGE',
  [CommandIDs.share]: 'CAN_MANAGE',
  'read-logs': 'CAN_MANAGE'
};

/** Return the name of a level, as Databricks shows it. */
export function levelName(level: string, trans: TranslationBundle): string {
  const names: Record<string, string> = {
    CAN_ATTACH_TO: trans.__('Can Attach To'),
    CAN_RESTART: trans.__('Can Restart'),
    CAN_MANAGE: trans.__('Can Manage')
  };
  return names[level] ?? level;
}

/** Return the level that the user lacks for a command's id or a request; null = the user may do it. */
export function lackingLevel(cluster: Cluster, action: string): Level | null {
  const needed = NEEDS[action] ?? 'CAN_ATTACH_TO';
  const isEnough = LEVELS.indexOf(cluster.permission_level as Level) >= LEVELS.indexOf(needed);
  return isEnough ? null : needed;
}

/** Return why the user may not run a command or send a request, and whom to ask; "" = the user may. */
export function refusalOf(cluster: Cluster, action: string, trans: TranslationBundle): string {
  const level = lackingLevel(cluster, action);
  if (!level) {
    return '';
  }
  const owner = cluster.creator_user_name || trans.__('an administrator');
  return trans.__('You need %1 permission. Ask %2.', levelName(level, trans), owner);
}

/** Return the owner of a cluster, as views show it; "" = the user, or the user is not known yet. */
export function foreignOwner(cluster: Cluster, user: string): string {
  return !user || isSameName(cluster.creator_user_name, user) ? '' : cluster.creator_user_name;
}

/** Return whether both are names of the same user or group; as in the server's `is_same_name`. */
export function isSameName(one: string, other: string): boolean {
  return one.normalize('NFC').toLowerCase() === other.normalize('NFC').toLowerCase();
}
