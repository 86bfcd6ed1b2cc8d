/**
 * What is worth telling of a change of clusters. Pure: two pictures in, sentences out.
 */
import type { TranslationBundle } from '@jupyterlab/translation';

import type { Cluster } from '../services/wire';
import { durationWords, endsInS, failureOf, nameOf, SOON_S } from './words';

/** One thing to tell; `extended` takes a warning back and says nothing. */
export interface Notice {
  kind: 'up' | 'failed' | 'ended' | 'ending' | 'extended' | 'healed';
  cluster: Cluster;
  message: string;
}

/** How much of a reason is told; the page has all of it. */
const MOST_TEXT = 200;

/** Return what to tell, given what was seen before and is seen now, and when, ms since the epoch. */
export function noticesOf(
  before: readonly Cluster[],
  now: readonly Cluster[],
  beforeMs: number,
  nowMs: number,
  trans: TranslationBundle
): Notice[] {
  const known = new Map(before.map(cluster => [cluster.cluster_id, cluster]));
  return now.flatMap(cluster => {
    const was = known.get(cluster.cluster_id);
    return was ? noticeOf(was, cluster, isEnding(was, beforeMs), nowMs, trans) : [];
  });
}

function noticeOf(
  was: Cluster,
  cluster: Cluster,
  wasEnding: boolean,
  nowMs: number,
  trans: TranslationBundle
): Notice[] {
  const name = nameOf(cluster);
  const tell = (kind: Notice['kind'], message = ''): Notice[] => [{ kind, cluster, message }];
  if (was.state !== cluster.state) {
    if (cluster.state === 'RUNNING' && ['PENDING', 'RESTARTING'].includes(was.state)) {
      return tell('up', trans.__('Cluster %1 is up.', name));
    }
    const failure = failureOf(cluster);
    if (failure) {
      const [line] = failure.split('\n');
      return tell('failed', trans.__('Cluster %1 failed: %2', name, line.slice(0, MOST_TEXT)));
    }
    if (cluster.state === 'TERMINATED' && cluster.termination_reason?.code === 'INACTIVITY') {
      return tell('ended', trans.__('Cluster %1 ended, because nobody used it.', name));
    }
  }
  const context = cluster.spark_context_id;
  if (was.state === 'RUNNING' && cluster.state === 'RUNNING' && was.spark_context_id && context) {
    if (context !== was.spark_context_id) {
      return tell('healed', trans.__('The driver of %1 was started anew: make its DataFrames again.', name));
    }
  }
  if (isEnding(cluster, nowMs) !== wasEnding) {
    const left = durationWords(endsInS(cluster, nowMs) ?? 0, trans);
    return wasEnding
      ? tell('extended')
      : tell('ending', trans.__('Nobody uses cluster %1: it ends in %2.', name, left));
  }
  return [];
}

function isEnding(cluster: Cluster, nowMs: number): boolean {
  const left = endsInS(cluster, nowMs);
  // Of a cluster that ends after a few minutes anyway the first half is no news.
  return left !== null && left < Math.min(SOON_S, cluster.autotermination_minutes * 30);
}
