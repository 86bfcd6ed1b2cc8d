/**
 * The permissions on a cluster, as a list that a user edits.
 */
import { isSameName, Level, LEVELS } from './permissions';
import type { AccessControl, ObjectPermissions, ScimResource } from './wire';

/** The field that names a principal, by its kind. Source: Databricks REST API, Permissions. */
export const KINDS = ['user_name', 'group_name', 'service_principal_name'] as const;

/** A user, a group or a service principal. */
export interface Principal {
  kind: (typeof KINDS)[number];
  name: string;
  /** as people write the name; may equal it */
  displayName: string;
}

/** The permission of a principal on a cluster. */
export interface Entry extends Principal {
  level: Level;
  /** `owner` and `inherited` cannot be changed or removed */
  origin: 'owner' | 'inherited' | 'granted';
}

/** Suggestions for what a user types, at most. */
const MAX_SUGGESTIONS = 8;

/** Return the principals that the server knows, from its lists of each kind. */
export function principalsOf(lists: Record<Principal['kind'], readonly ScimResource[]>): Principal[] {
  const nameOf = ({ userName, applicationId, displayName }: ScimResource) => userName ?? applicationId ?? displayName;
  return KINDS.flatMap(kind =>
    lists[kind].map(found => ({ kind, name: nameOf(found), displayName: found.displayName }))
  );
}

/** Return the entries of a cluster's permissions, in the server's order: the owner first, what is inherited last. */
export function entriesOf(permissions: ObjectPermissions, owner: string, known: readonly Principal[]): Entry[] {
  return permissions.access_control_list.flatMap(control => {
    const kind = KINDS.find(field => control[field]);
    const permission = control.all_permissions[0];
    if (!kind || !permission) {
      return [];
    }
    const name = control[kind]!;
    const isOwner = kind === 'user_name' && isSameName(name, owner);
    const found = known.find(principal => isSame(principal, { kind, name }));
    return [
      {
        kind,
        name,
        displayName: found?.displayName ?? control.display_name,
        level: permission.permission_level as Level,
        origin: permission.inherited ? 'inherited' : isOwner ? 'owner' : 'granted'
      }
    ];
  });
}

/** Return the request that stores the entries; the server adds those that cannot be changed. */
export function requestOf(entries: readonly Entry[]): Partial<AccessControl & { permission_level: Level }>[] {
  return entries
    .filter(({ origin }) => origin === 'granted')
    .map(({ kind, name, level }) => ({ [kind]: name, permission_level: level }));
}

/** Return the principals that contain all words of a query and have no entry yet; none for an empty query. */
export function suggestionsOf(known: readonly Principal[], entries: readonly Entry[], query: string): Principal[] {
  const words = query
    .toLowerCase()
    .split(/\s+/)
    .filter(word => word);
  const matches = ({ name, displayName }: Principal) =>
    words.every(word => `${name}\n${displayName}`.toLowerCase().includes(word));
  const isFree = (principal: Principal) => !entries.some(entry => isSame(entry, principal));
  return words.length ? known.filter(found => isFree(found) && matches(found)).slice(0, MAX_SUGGESTIONS) : [];
}

/** Return the entries with one more, of the weakest level, before those that are inherited. */
export function withPrincipal(entries: readonly Entry[], principal: Principal): Entry[] {
  const added: Entry = { ...principal, level: LEVELS[0], origin: 'granted' };
  const first = entries.findIndex(({ origin }) => origin === 'inherited');
  const place = first < 0 ? entries.length : first;
  return [...entries.slice(0, place), added, ...entries.slice(place)];
}

/** Return the groups that have an entry only now. */
export function newGroups(before: readonly Entry[], now: readonly Entry[]): Entry[] {
  return now.filter(entry => entry.kind === 'group_name' && !before.some(known => isSame(known, entry)));
}

/** Return the entry that an error of the server names; undefined = none. */
export function entryOf(message: string, entries: readonly Entry[]): Entry | undefined {
  return entries.find(({ name }) => message.includes(`(${name})`));
}

/** Return whether both are the same user, group or service principal. */
export function isSame(one: Pick<Principal, 'kind' | 'name'>, other: Pick<Principal, 'kind' | 'name'>): boolean {
  return one.kind === other.kind && isSameName(one.name, other.name);
}
