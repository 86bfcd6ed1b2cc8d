/**
 * What a tab remembers of its cluster, also after the cluster is gone and after a reload.
 */
import { JSONExt, ReadonlyPartialJSONObject } from '@lumino/coreutils';

import { nameOf } from './cluster';
import { foreignOwner } from './permissions';
import type { Cluster } from './wire';

/** A cluster that may be gone. */
export interface Remembered {
  readonly clusterId: string;
  readonly name: string;
  /** of a cluster of somebody else, who may have stopped sharing it; "" = it is the user's own, or that is unknown */
  readonly owner: string;
  /** true = it was there when the page last looked */
  readonly isHere: boolean;
  /** when it went, ms since the epoch; 0 = it is there, or nobody watched */
  readonly goneMs: number;
}

/** Return what the arguments of a command say about a cluster. */
export function rememberedIn(args: ReadonlyPartialJSONObject): Remembered {
  const text = (value: unknown) => (typeof value === 'string' ? value : '');
  const clusterId = text(args.cluster_id);
  const [name, owner] = [text(args.name) || clusterId, text(args.owner)];
  return { clusterId, name, owner, isHere: false, goneMs: Number(args.gone_ms) || 0 };
}

/** Return the arguments from which `rememberedIn` reads it again. */
export function argsOf({ clusterId, name, owner, goneMs }: Remembered): ReadonlyPartialJSONObject {
  return { cluster_id: clusterId, name, owner, gone_ms: goneMs };
}

/** Return what a user's tab remembers after clusters have changed; `before` itself if that is the same. */
export function remember(before: Remembered, all: readonly Cluster[] | null, user: string, nowMs: number): Remembered {
  if (all === null) {
    return before;
  }
  const cluster = all.find(({ cluster_id }) => cluster_id === before.clusterId);
  const now: Remembered = cluster
    ? { ...before, name: nameOf(cluster), owner: foreignOwner(cluster, user), isHere: true, goneMs: 0 }
    : { ...before, isHere: false, goneMs: before.isHere ? nowMs : before.goneMs };
  return JSONExt.deepEqual({ ...now }, { ...before }) ? before : now;
}
