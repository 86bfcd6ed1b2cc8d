/**
 * The logs of a cluster by the node that wrote them.
 */
import type { TranslationBundle } from '@jupyterlab/translation';

import type { LogFile } from './wire';

/** A node with its logs. */
export interface LogNode {
  id: string;
  /** "Driver", "Worker 2"; with "(ended)" if its processes are gone */
  label: string;
  files: LogFile[];
}

/** Return the nodes that wrote logs: the driver first, running ones before those that ended. */
export function nodesOf(files: readonly LogFile[], trans: TranslationBundle): LogNode[] {
  const ids = [...new Set(files.map(({ path }) => nodeOf(path)))].sort();
  const filesOf = (id: string) => files.filter(({ path }) => nodeOf(path) === id);
  const workers = ids.filter(id => filesOf(id)[0].role === 'worker');
  const nodes = ids.map(id => {
    const own = filesOf(id);
    const isDriver = own[0].role === 'driver';
    const name = isDriver ? trans.__('Driver') : trans.__('Worker %1', workers.indexOf(id) + 1);
    const isLive = own.some(({ live }) => live);
    const label = isLive ? name : trans.__('%1 (ended)', name);
    return { id, label, files: own, rank: 2 * Number(isLive) + Number(isDriver) };
  });
  return nodes.sort((a, b) => b.rank - a.rank).map(({ id, label, files }) => ({ id, label, files }));
}

/** Return the log of a node to show first: a running process's, one with content. */
export function mostUseful(files: readonly LogFile[]): string {
  const rank = (file: LogFile) => 2 * Number(file.live) + Number(file.size > 0);
  return [...files].sort((a, b) => rank(b) - rank(a))[0]?.path ?? '';
}

/** Return the name of a log within its node, e.g. "driver/stderr". */
export function nameInNode(path: string): string {
  return path.split('/').slice(1).join('/');
}

function nodeOf(path: string): string {
  return path.split('/')[0];
}
