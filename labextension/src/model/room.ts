/**
 * What the cluster of a form takes of what is free.
 */
import type { TranslationBundle } from '@jupyterlab/translation';

import type { Catalogue } from './catalogue';
import { Demand, demandOf, Draft } from './draft';
import { memoryWords } from './words';

/** An amount of one kind of resource, taken by a cluster. */
export interface Share {
  /** Return an amount: "6 cores", "12 GiB". */
  words(amount: number): string;
  /** Return a part of a whole: "2 of 6 cores", "4 GiB of 12 GiB". */
  partWords(part: number, whole: number): string;
  /** what the cluster takes at least and at most */
  least: number;
  most: number;
  /** what there is, and what of it is free; absent = unknown */
  capacity?: { total: number; free: number };
}

/** What a cluster takes, and why it cannot have it. */
export interface Room {
  demand: Demand[];
  shares: { cores: Share; memory: Share };
  /** why it does not fit; "" = it does, or that is unknown */
  problem: string;
}

/** What the cluster holds already, when it is edited while it is up: that becomes free. */
export type Held = Pick<Demand, 'cores' | 'memory_mib'>;

/** Return what a draft takes; null = unknown, because a field is invalid. */
export function roomOf(draft: Draft, catalogue: Catalogue, held: Held | null, trans: TranslationBundle): Room | null {
  const demand = demandOf(draft, catalogue.nodeTypes);
  if (demand.length === 0) {
    return null;
  }
  const least = demand[0];
  const most = demand[demand.length - 1];
  const room = catalogue.limits.capacity;
  const cores: Share = {
    words: amount => trans._n('%1 core', '%1 cores', amount),
    partWords: (part, whole) => trans._n('%2 of %1 core', '%2 of %1 cores', whole, part),
    least: least.cores,
    most: most.cores,
    capacity: room && { total: room.cores, free: Math.min(room.cores, room.free_cores + (held?.cores ?? 0)) }
  };
  const memory: Share = {
    words: memoryWords,
    partWords: (part, whole) => trans.__('%1 of %2', memoryWords(part), memoryWords(whole)),
    least: least.memory_mib,
    most: most.memory_mib,
    capacity: room && {
      total: room.memory_mib,
      free: Math.min(room.memory_mib, room.free_memory_mib + (held?.memory_mib ?? 0))
    }
  };
  const lacking = [cores, memory].filter(share => share.capacity && share.least > share.capacity.free);
  const problem = lacking.map(({ words, least, capacity }) =>
    trans.__('Takes %1, but %2 are free.', words(least), words(capacity!.free))
  );
  const cure = trans.__('Choose fewer workers or a smaller node type, or terminate another cluster.');
  return { demand, shares: { cores, memory }, problem: problem.length ? [...problem, cure].join(' ') : '' };
}
