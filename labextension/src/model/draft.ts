/**
 * The content of the cluster form, and the spec that it stands for.
 */
import { parsePairs } from './pairs';
import type { NodeType, Spec } from './wire';

/** The content of the form. Numbers are kept as text, because a user may be in the middle of one. */
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
  autoTerminates: boolean;
  minutes: string;
  conf: string;
  env: string;
  tags: string;
}

/** How Databricks' older API marks a single node. */
const SINGLE_NODE_CONF: Record<string, string> = {
  'spark.databricks.cluster.profile': 'singleNode',
  'spark.master': 'local[*]'
};
const SINGLE_NODE_TAGS: Record<string, string> = { ResourceClass: 'SingleNode' };

/** Fields of a spec that a draft always replaces. */
const SIZE_FIELDS = ['num_workers', 'autoscale', 'is_single_node', 'kind', 'node_type_id', 'driver_node_type_id'];

/** Return a draft that is valid as it is. */
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
    autoTerminates: true,
    minutes: '60',
    conf: '',
    env: '',
    tags: ''
  };
}

/** Return the spec of a new cluster with the user's defaults. */
export function newSpec(types: readonly NodeType[], name: string, defaults: Spec): Spec {
  const spec = specOf(newDraft(types, name), {});
  if (defaults.autoscale || defaults.is_single_node) {
    delete spec.num_workers; // a spec has its size in one form only
  }
  return { ...spec, ...defaults, cluster_name: name };
}

/** Return a cluster name that is not in use. */
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
    autoTerminates: minutes > 0,
    minutes: `${minutes || base.minutes}`,
    conf: linesOf(without(SINGLE_NODE_CONF, spec.spark_conf), ' '),
    env: linesOf(spec.spark_env_vars ?? {}, '='),
    tags: linesOf(without(SINGLE_NODE_TAGS, spec.custom_tags), '=')
  };
}

/** Return the spec of a draft; fields that the form does not have are taken from `old`. */
export function specOf(draft: Draft, old: Spec): Spec {
  const spec: Spec = { ...old };
  for (const field of SIZE_FIELDS) {
    delete spec[field];
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
  spec.autotermination_minutes = draft.autoTerminates ? Number(draft.minutes) : 0;
  spec.spark_conf = parsePairs(draft.conf).pairs;
  spec.spark_env_vars = parsePairs(draft.env).pairs;
  spec.custom_tags = parsePairs(draft.tags).pairs;
  return spec;
}

/** Nodes of a draft, driver included, with their cores and memory. */
export interface Demand {
  nodes: number;
  cores: number;
  memory_mib: number;
}

/** Return the least and the most that a draft takes, once if both are equal; [] = unknown. */
export function demandOf(draft: Draft, types: readonly NodeType[]): Demand[] {
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
  return [...new Set(counts)].map(workers => ({
    nodes: 1 + workers,
    cores: driver.num_cores + workers * worker.num_cores,
    memory_mib: driver.memory_mb + workers * worker.memory_mb
  }));
}

function linesOf(pairs: Record<string, string>, separator: string): string {
  return Object.entries(pairs)
    .map(([key, value]) => `${key}${separator}${value}`)
    .join('\n');
}

function without(marks: Record<string, string>, values: Record<string, string> = {}): Record<string, string> {
  return Object.fromEntries(Object.entries(values).filter(([key, value]) => marks[key] !== value));
}
