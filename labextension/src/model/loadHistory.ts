/**
 * The load of clusters in the last minutes, as this page has seen it.
 */
import type { Cluster } from './wire';

/** Time between two values, ms, and the most values. */
export const SLOT_MS = 5_000;
export const SLOTS = 36;

/** A load that began at a time, ms: the busy part of the cores, 0…1. */
type Change = readonly [since: number, part: number];

/** Notes loads, and gives them as values at equal distances. */
export class LoadHistory {
  /** Note the loads of all clusters. */
  note(clusters: readonly Cluster[], nowMs: number): void {
    const before = this.changes;
    this.changes = new Map(
      clusters.flatMap(cluster => {
        const load = cluster.live?.load;
        if (!load) {
          return [];
        }
        const part = load.busy_cores / Math.max(1, load.total_cores);
        const known = before.get(cluster.cluster_id) ?? [];
        const isSame = known[known.length - 1]?.[1] === part;
        const kept = isSame ? known : [...known, [nowMs, part] as const];
        return [[cluster.cluster_id, kept.slice(-SLOTS)] as const];
      })
    );
  }

  /** Return a cluster's loads, oldest first; [] = it did nothing since it was first seen. */
  of(clusterId: string, nowMs: number): number[] {
    const known = this.changes.get(clusterId) ?? [];
    if (known.every(([, part]) => part === 0)) {
      return [];
    }
    const age = Math.ceil((nowMs - known[0][0]) / SLOT_MS);
    const count = Math.min(SLOTS, Math.max(2, age + 1)); // one value draws no line
    return Array.from({ length: count }, (_, index) => highest(known, nowMs - (count - 1 - index) * SLOT_MS));
  }

  private changes: ReadonlyMap<string, readonly Change[]> = new Map();
}

/** Return the highest load in the slot that ends at a time, so that a short job is seen, too. */
function highest(changes: readonly Change[], end: number): number {
  const lasting = changes.filter(([since]) => since <= end - SLOT_MS).slice(-1);
  const begun = changes.filter(([since]) => since > end - SLOT_MS && since <= end);
  const parts = [...lasting, ...begun].map(([, part]) => part);
  return parts.length ? Math.max(...parts) : changes[0][1];
}
