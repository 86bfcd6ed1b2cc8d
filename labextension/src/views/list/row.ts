/**
 * The content of a row, as a value: a row is drawn again only when it changes.
 */
import type { TranslationBundle } from '@jupyterlab/translation';

import { CHANGING, dotOf, failureOf, nameOf, SOON_S, terminatesInS } from '../../model/cluster';
import type { Catalogue } from '../../model/catalogue';
import { CommandIDs } from '../../model/commands';
import type { LoadHistory } from '../../model/loadHistory';
import { foreignOwner, refusalOf } from '../../model/permissions';
import { Scale, scaleOf } from '../../model/scale';
import type { WantedSizes } from '../../model/wantedSizes';
import type { Cluster, State } from '../../model/wire';
import * as words from '../../model/words';
import type { Health } from '../ui/marks';

/** Actions of a row's own buttons and keys; its menu has the others. */
export type RowAction = 'start' | 'terminate' | 'extend' | 'open-page';

/** The request that a row is waiting for, or the error of the last one. */
export interface RowStatus {
  pending?: string;
  error?: string;
}

/** What all rows need. */
export interface RowContext {
  /** null = not loaded yet */
  catalogue: Catalogue | null;
  /** name of the user */
  user: string;
  trans: TranslationBundle;
  /** ms since the epoch */
  now: number;
  /** by cluster id */
  statuses: ReadonlyMap<string, RowStatus>;
  history: LoadHistory;
  wanted: Pick<WantedSizes, 'of' | 'choose'>;
  onAction(action: RowAction, cluster: Cluster): void;
  onMenu(cluster: Cluster, x: number, y: number): void;
}

/** Everything that a row shows. */
export interface Row {
  name: string;
  state: string;
  dot: Health;
  pinned: boolean;
  /** of a cluster of somebody else; "" = it is the user's own */
  owner: string;
  failure: string;
  size: string;
  /** null = its size is not changed by hand */
  scale: Scale | null;
  /** progress of a change, 0…1, and the awaited step; null = nothing changes */
  progress: [number, string] | null;
  /** busy part of the cores in the last minutes, 0…1; null = it is not up */
  loads: readonly number[] | null;
  facts: string;
  termination: string;
  /** true = it terminates within minutes */
  terminatesSoon: boolean;
  /** the one that its state suggests; null = none does */
  action: 'start' | 'terminate' | null;
  /** why this user may not start, terminate or extend it; "" = the user may */
  refusal: string;
}

/** Return what a row shows. */
export function rowOf(cluster: Cluster, context: RowContext): Row {
  const { trans, now, catalogue, user, statuses, history, wanted } = context;
  const { pending, error } = statuses.get(cluster.cluster_id) ?? {};
  const nodeTypes = catalogue?.nodeTypes ?? [];
  const scaleRefusal = refusalOf(cluster, CommandIDs.resize, trans);
  const scale = scaleOf(cluster, wanted.of(cluster.cluster_id), catalogue, scaleRefusal, trans);
  const left = terminatesInS(cluster, now);
  const facts = [
    words.loadWords(cluster, trans),
    notebookWords(cluster, trans),
    words.uptimeWords(cluster, now, trans)
  ];
  return {
    name: nameOf(cluster),
    state: pending ? `${pending}…` : words.stateWord(cluster.state, trans),
    dot: dotOf(cluster),
    pinned: cluster.pinned,
    owner: foreignOwner(cluster, user),
    failure: error || failureOf(cluster),
    size: scale
      ? words.workersWords({ ...cluster, num_workers: scale.workers }, nodeTypes, trans)
      : words.sizeWords(cluster, nodeTypes, trans),
    scale,
    progress: CHANGING.includes(cluster.state) ? words.progressOf(cluster, trans) : null,
    loads: cluster.live?.load ? history.of(cluster.cluster_id, now) : null,
    facts: facts.filter(text => text).join(' · '),
    termination: words.terminationWords(cluster, now, trans),
    terminatesSoon: left !== null && left < SOON_S,
    action: actionOf(cluster.state),
    refusal: refusalOf(cluster, CommandIDs.terminate, trans)
  };
}

function actionOf(state: State): Row['action'] {
  if (state === 'TERMINATED') {
    return 'start';
  }
  return ['TERMINATING', 'ERROR'].includes(state) ? null : 'terminate';
}

function notebookWords(cluster: Cluster, trans: TranslationBundle): string {
  const notebooks = cluster.live?.notebooks;
  if (!notebooks) {
    return '';
  }
  return notebooks.length === 1
    ? words.notebookName(notebooks[0].notebook, trans)
    : trans._n('%1 notebook', '%1 notebooks', notebooks.length);
}
