/**
 * The live status of clusters: load, idle time and attached notebooks, as their drivers report them.
 */
import { JSONExt, ReadonlyJSONValue } from '@lumino/coreutils';

import { UP } from './cluster';
import type { Cluster, Live } from './wire';

/** Instants computed from two reports that differ by less are the same instant, ms. */
const SAME_MS = 2_000;

/** Return a cluster with the latest report of its driver; a report of an earlier driver is ignored. */
export function withLive(cluster: Cluster, live: Live | undefined): Cluster {
  const isCurrent = live && UP.includes(cluster.state) && live.time >= (cluster.spark_context_id ?? Infinity);
  return isCurrent && !isSameReport(live, cluster.live) ? { ...cluster, live } : cluster;
}

/** Return whether two reports show the same: idle time that merely advances needs no redraw. */
function isSameReport(now: Live, before: Live | null): boolean {
  if (!before) {
    return false;
  }
  const instants = instantsOf(before);
  return (
    instantsOf(now).every((instant, index) => Math.abs(instant - instants[index]) < SAME_MS) &&
    JSONExt.deepEqual(withoutTimes(now), withoutTimes(before))
  );
}

/** Return when the driver became idle and when it will terminate, ms since the epoch; 0 = it is busy. */
function instantsOf({ time, idle_s, ends_in_s }: Live): [number, number] {
  return [idle_s > 0 ? time - idle_s * 1000 : 0, idle_s > 0 && ends_in_s !== null ? time + ends_in_s * 1000 : 0];
}

function withoutTimes(live: Live): ReadonlyJSONValue {
  return { ...live, time: 0, idle_s: 0, ends_in_s: 0 };
}
