/**
 * A cluster that somebody describes in the form, and the spec that it stands for.
 */
import type { TranslationBundle } from '@jupyterlab/translation';

import type { Catalogue, NodeType, Spec } from '../services/wire';

/** What can be chosen of a cluster; numbers are as they are typed, so that a half-typed one is kept. */
export interface Draft {
  name: string;
  singleNode: boolean;
  nodeType: string;
  /** "" = the same as `nodeType` */
  driverType: string;
  autoscales: boolean;
  workers: string;
  minWorkers: string;
  maxWorkers: string;
  ends: boolean;
  minutes: string;
  conf: string;
  env: string;
  tags: string;
}

/** A field of the form, which a complaint can be about. */
export type Field = keyof Draft;

/** Field → what is wrong with it. */
export type Complaints = Partial<Record<Field, string>>;

/** How a single node is spelled the older way. */
const SINGLE_NODE_CONF: Record<string, string> = {
  'spark.databricks.cluster.profile': 'singleNode',
  'spark.master': 'local[*]'
};
const SINGLE_NODE_TAGS: Record<string, string> = { ResourceClass: 'SingleNode' };

/** Fields of a spec that the form knows. */
const SIZES = ['num_workers', 'autoscale', 'is_single_node', 'kind', 'node_type_id', 'driver_node_type_id'];

/** Words of the server's refusals → the field they are about; the one that comes first in a refusal counts. */
const FIELDS_BY_WORD: [string, Field][] = [
  ['driver_node_type_id', 'driverType'],
  ['node_type_id', 'nodeType'],
  ['autotermination_minutes', 'minutes'],
  ['spark_env_vars', 'env'],
  ['custom_tags', 'tags'],
  ['spark_conf', 'conf'],
  ['spark.', 'conf'],
  ['cluster_name', 'name'],
  ['_workers', 'workers'],
  ['autoscale', 'workers'],
  ['Free are', 'workers']
];

/** Return a draft that can be created as it is. */
export function newDraft(types: readonly NodeType[], name: string): Draft {
  return {
    name,
    singleNode: false,
    nodeType: types[0]?.node_type_id ?? '',
    driverType: '',
    autoscales: false,
    workers: '2',
    minWorkers: '1',
    maxWorkers: '4',
    ends: true,
    minutes: '60',
    conf: '',
    env: '',
    tags: ''
  };
}

/** Return the spec of a new cluster that begins with what somebody always wants. */
export function newSpec(types: readonly NodeType[], name: string, wanted: Spec): Spec {
  const spec = specOf(newDraft(types, name), {});
  if (wanted.autoscale || wanted.is_single_node) {
    delete spec.num_workers; // how many there are is said in one of several ways
  }
  return { ...spec, ...wanted, cluster_name: name };
}

/** Return a name for a new cluster that no other one has. */
export function freeName(taken: readonly string[]): string {
  for (let number = 1; ; number++) {
    const name = `cluster-${number}`;
    if (!taken.includes(name)) {
      return name;
    }
  }
}

/** Return the draft of a spec. */
export function draftOf(spec: Spec, types: readonly NodeType[]): Draft {
  const bounds = spec.autoscale;
  const minutes = spec.autotermination_minutes ?? 0;
  const base = newDraft(types, spec.cluster_name ?? '');
  return {
    ...base,
    singleNode: !bounds && !spec.num_workers,
    nodeType: spec.node_type_id || base.nodeType,
    driverType: spec.driver_node_type_id ?? '',
    autoscales: !!bounds,
    workers: `${spec.num_workers || base.workers}`,
    minWorkers: `${bounds?.min_workers ?? base.minWorkers}`,
    maxWorkers: `${bounds?.max_workers ?? base.maxWorkers}`,
    ends: minutes > 0,
    minutes: `${minutes || base.minutes}`,
    conf: linesOf(without(SINGLE_NODE_CONF, spec.spark_conf), ' '),
    env: linesOf(spec.spark_env_vars ?? {}, '='),
    tags: linesOf(without(SINGLE_NODE_TAGS, spec.custom_tags), '=')
  };
}

/** Return the spec of a draft; what the form does not know is taken from `old`. */
export function specOf(draft: Draft, old: Spec): Spec {
  const spec: Spec = { ...old };
  for (const name of SIZES) {
    delete spec[name];
  }
  spec.cluster_name = draft.name.trim();
  spec.node_type_id = draft.nodeType;
  if (draft.singleNode) {
    spec.is_single_node = true;
    spec.num_workers = 0;
  } else if (draft.autoscales) {
    spec.autoscale = { min_workers: Number(draft.minWorkers), max_workers: Number(draft.maxWorkers) };
  } else {
    spec.num_workers = Number(draft.workers);
  }
  if (draft.driverType && !draft.singleNode) {
    spec.driver_node_type_id = draft.driverType;
  }
  spec.autotermination_minutes = draft.ends ? Number(draft.minutes) : 0;
  spec.spark_conf = readPairs(draft.conf).pairs;
  spec.spark_env_vars = readPairs(draft.env).pairs;
  spec.custom_tags = readPairs(draft.tags).pairs;
  return spec;
}

/** Return what is wrong with a draft; `taken` are the names of other clusters. */
export function check(
  draft: Draft,
  catalogue: Catalogue,
  trans: TranslationBundle,
  taken: readonly string[] = []
): Complaints {
  const { least, most } = catalogue.limits.autotermination_minutes;
  const found: Complaints = {};
  if (!draft.name.trim()) {
    found.name = trans.__('Give it a name: it is what people call it by.');
  } else if (taken.includes(draft.name.trim())) {
    found.name = trans.__('There is a cluster of this name already.');
  }
  if (!draft.singleNode && draft.autoscales) {
    if (!isWhole(draft.minWorkers, 0)) {
      found.workers = trans.__('The least is a whole number, 0 or more.');
    } else if (!isWhole(draft.maxWorkers, Math.max(1, Number(draft.minWorkers)))) {
      found.workers = trans.__('The most is a whole number, at least 1 and not below the least.');
    }
  } else if (!draft.singleNode && !isWhole(draft.workers, 1)) {
    found.workers = trans.__('A whole number, 1 or more.');
  }
  if (draft.ends && !isWhole(draft.minutes, least, most)) {
    found.minutes = trans.__('Between %1 and %2 minutes.', least, most);
  }
  for (const field of ['conf', 'env', 'tags'] as const) {
    const { wrong, name } = readPairs(draft[field]);
    if (wrong) {
      found[field] = name
        ? trans.__('Line %1: %2 is there twice.', wrong, name)
        : trans.__('Line %1: write a name and its value, with a space or = between them.', wrong);
    }
  }
  return found;
}

/** Return the field that a refusal of the server is about, or null. */
export function fieldOf(message: string): Field | null {
  const found = FIELDS_BY_WORD.filter(([word]) => message.includes(word));
  found.sort(([a], [b]) => message.indexOf(a) - message.indexOf(b) || b.length - a.length);
  return found[0]?.[1] ?? null;
}

/** Return the nodes, cores and MiB that a draft takes at its least and at its most, or [] if that is not known. */
export function demandOf(draft: Draft, types: readonly NodeType[]): [number, number, number][] {
  const worker = types.find(type => type.node_type_id === draft.nodeType);
  const driver = types.find(type => type.node_type_id === (draft.driverType || draft.nodeType));
  if (!worker || !driver) {
    return [];
  }
  const counts = draft.singleNode
    ? [0]
    : (draft.autoscales ? [draft.minWorkers, draft.maxWorkers] : [draft.workers]).map(Number);
  if (counts.some(count => !Number.isInteger(count) || count < 0)) {
    return [];
  }
  return [...new Set(counts)].map(n => [
    1 + n,
    driver.num_cores + n * worker.num_cores,
    driver.memory_mb + n * worker.memory_mb
  ]);
}

/** Return the pairs of `name value` or `name=value` lines; `wrong` is the number of the first line that is none, 0 = all are. */
export function readPairs(text: string): { pairs: Record<string, string>; wrong: number; name?: string } {
  const pairs: Record<string, string> = {};
  for (const [index, line] of text.split('\n').entries()) {
    if (!line.trim() || line.trim().startsWith('#')) {
      continue;
    }
    const found = /^([^\s=]+)(?:\s*=\s*|\s+(?=\S))(.*)$/.exec(line.trim());
    if (!found) {
      return { pairs, wrong: index + 1 };
    }
    if (found[1] in pairs) {
      return { pairs, wrong: index + 1, name: found[1] };
    }
    pairs[found[1]] = found[2];
  }
  return { pairs, wrong: 0 };
}

function linesOf(pairs: Record<string, string>, between: string): string {
  return Object.entries(pairs)
    .map(([name, value]) => `${name}${between}${value}`)
    .join('\n');
}

function without(marks: Record<string, string>, values: Record<string, string> = {}): Record<string, string> {
  return Object.fromEntries(Object.entries(values).filter(([name, value]) => marks[name] !== value));
}

function isWhole(text: string, least: number, most = Number.MAX_SAFE_INTEGER): boolean {
  return /^\d+$/.test(text.trim()) && Number(text) >= least && Number(text) <= most;
}
