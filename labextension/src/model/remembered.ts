/**
 * What a tab remembers of its cluster, also after the cluster was deleted and after a reload.
 */
import { JSONExt, ReadonlyPartialJSONObject } from '@lumino/coreutils';

import { nameOf } from './cluster';
import type { Cluster } from './wire';

/** A cluster that may be gone. */
export interface Remembered {
  readonly clusterId: string;
  readonly name: string;
  /** true = it was there when the page last looked */
  readonly isHere: boolean;
  /** when it was deleted, ms since the epoch; 0 = it was not, or nobody watched */
  readonly goneMs: number;
}

/** Return what the arguments of a command say about a cluster. */
export function rememberedIn(args: ReadonlyPartialJSONObject): Remembered {
  const text = (value: unknown) => (typeof value === 'string' ? value : '');
  const clusterId = text(args.cluster_id);
  return { clusterId, name: text(args.name) || clusterId, isHere: false, goneMs: Number(args.gone_ms) || 0 };
}

/** Return the arguments from which `rememberedIn` reads it again. */
export function argsOf({ clusterId, name, goneMs }: Remembered): ReadonlyPartialJSONObject {
  return { cluster_id: clusterId, name, gone_ms: goneMs };
}

/** Return what to remember after clusters have changed; `before` itself if that is the same. */
export function remember(before: Remembered, all: readonly Cluster[] | null, nowMs: number): Remembered {
  if (all === null) {
    return before;
  }
  const cluster = all.find(({ cluster_id }) => cluster_id === before.clusterId);
  const now: Remembered = cluster
    ? { ...before, name: nameOf(cluster), isHere: true, goneMs: 0 }
    : { ...before, isHere: false, goneMs: before.isHere ? nowMs : before.goneMs };
  return JSONExt.deepEqual({ ...now }, { ...before }) ? before : now;
}
