/**
 * The workers that a running cluster of a fixed size can have.
 */
import type { TranslationBundle } from '@jupyterlab/translation';

import type { Catalogue } from './catalogue';
import { isSingleNode, UP } from './cluster';
import type { Cluster } from './wire';
import { memoryWords } from './words';

/** A number of workers, and why it cannot be less or more. */
export type Scale = {
  /** count */
  workers: number;
  /** "" = one can be removed */
  whyNotLess: string;
  /** "" = one can be added */
  whyNotMore: string;
};

/**
 * Return the number of workers that a cluster shows and what it can become; null = its size is not changed by hand.
 *
 * `wanted` is the number that its user has chosen and that is not requested yet; `refusal` is why the user may not change it,
 * "" = the user may.
 */
export function scaleOf(
  cluster: Cluster,
  wanted: number | undefined,
  catalogue: Catalogue | null,
  refusal: string,
  trans: TranslationBundle
): Scale | null {
  if (cluster.autoscale || isSingleNode(cluster) || !UP.includes(cluster.state)) {
    return null;
  }
  const workers = wanted ?? cluster.num_workers;
  const whyNot = refusal || (cluster.state === 'RESIZING' ? trans.__('The cluster is being resized.') : '');
  if (whyNot) {
    return { workers, whyNotLess: whyNot, whyNotMore: whyNot };
  }
  return {
    workers,
    whyNotLess: workers > 1 ? '' : trans.__('A cluster of this kind has at least one worker.'),
    whyNotMore: whyNotMore(cluster, workers - cluster.num_workers, catalogue, trans)
  };
}

/** Return why there is no room for a worker beside `more` others that are not requested yet; "" = there is, or that is unknown. */
function whyNotMore(
  { node_type_id }: Cluster,
  more: number,
  catalogue: Catalogue | null,
  trans: TranslationBundle
): string {
  const room = catalogue?.limits.capacity;
  const node = catalogue?.nodeTypes.find(type => type.node_type_id === node_type_id);
  if (!room || !node) {
    return '';
  }
  const cores = room.free_cores - more * node.num_cores;
  const memory = room.free_memory_mib - more * node.memory_mb;
  if (cores >= node.num_cores && memory >= node.memory_mb) {
    return '';
  }
  const words = (cores: number, mib: number) => trans._n('%1 core, %2', '%1 cores, %2', cores, memoryWords(mib));
  const [needs, free] = [words(node.num_cores, node.memory_mb), words(cores, memory)];
  return trans.__('Another worker needs %1. Available: %2.', needs, free);
}
