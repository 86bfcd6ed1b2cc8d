/**
 * What the server says and takes, as JSON. Field names are Databricks' own.
 */

/** States of a cluster; clients know only those. */
export type State =
  'PENDING' | 'RUNNING' | 'RESIZING' | 'RESTARTING' | 'TERMINATING' | 'TERMINATED' | 'ERROR';

/** Least and most workers, both included, count. */
export interface Autoscale {
  min_workers: number;
  max_workers: number;
}

/** A cluster as asked for; what a form does not know is kept as it is. */
export interface Spec {
  cluster_name?: string;
  spark_version?: string;
  node_type_id?: string;
  driver_node_type_id?: string;
  num_workers?: number;
  autoscale?: Autoscale;
  is_single_node?: boolean;
  /** idle minutes until it ends; 0 = never */
  autotermination_minutes?: number;
  spark_conf?: Record<string, string>;
  spark_env_vars?: Record<string, string>;
  custom_tags?: Record<string, string>;
  [field: string]: unknown;
}

/** A kernel that has a seat on a cluster's driver. */
export interface Seat {
  kernel_id: string;
  /** of its notebook, with the root folder; "" = it has none */
  notebook: string;
  /** the same as this server's pages have it; "" = it is none of theirs */
  path: string;
  busy: boolean;
}

/** How busy a cluster is. */
export interface Load {
  running_tasks: number;
  pending_tasks: number;
  busy_cores: number;
  total_cores: number;
}

/** What a cluster's driver said last. */
export interface Live {
  /** when it said so, ms since the epoch */
  time: number;
  load: Load;
  idle_s: number;
  /** until it ends because nobody uses it, s; null = never */
  ends_in_s: number | null;
  notebooks: Seat[];
}

/** Why a cluster ended. */
export interface Reason {
  code: string;
  type: string;
  parameters?: Record<string, string>;
}

/** A cluster. Times are ms since the epoch. */
export interface Cluster {
  cluster_id: string;
  cluster_name: string;
  state: State;
  state_message: string;
  creator_user_name: string;
  node_type_id: string;
  driver_node_type_id: string;
  num_workers: number;
  autoscale?: Autoscale;
  autotermination_minutes: number;
  start_time: number;
  last_restarted_time?: number;
  terminated_time?: number;
  termination_reason?: Reason;
  driver?: object;
  /** another one = the driver was started anew */
  spark_context_id?: number;
  executors?: object[];
  pinned: boolean;
  live: Live | null;
  /** "" = there is none now */
  spark_ui_url: string;
  master_ui_url: string;
  /** what the user wrote; only when one cluster is asked for */
  spec?: Spec;
}

/** A size of node. */
export interface NodeType {
  node_type_id: string;
  num_cores: number;
  memory_mb: number;
}

/** What clusters may ask for. */
export interface Limits {
  autotermination_minutes: { least: number; most: number };
  /** absent where it is not known in advance how much clusters may take */
  capacity?: { cores: number; free_cores: number; memory_mib: number; free_memory_mib: number };
}

/** What new clusters can be made of. */
export interface Catalogue {
  nodeTypes: NodeType[];
  limits: Limits;
  sparkVersion: string;
}

/** Something that happened to a cluster. */
export interface ClusterEvent {
  /** ms since the epoch */
  timestamp: number;
  type: string;
  details?: {
    user?: string;
    cause?: string;
    current_num_workers?: number;
    target_num_workers?: number;
    reason?: Reason;
    driver_state_message?: string;
    instance_id?: string;
    ends_in_s?: number;
  };
}

/** A page of events, newest first. */
export interface EventPage {
  events: ClusterEvent[];
  total_count: number;
}

/** A log of one of a cluster's processes. */
export interface LogFile {
  path: string;
  role: 'driver' | 'worker';
  /** bytes */
  size: number;
  /** true = its process may still write */
  live: boolean;
}

/** A part of a log. */
export interface LogPiece {
  text: string;
  /** where the next part begins, bytes */
  next_offset: number;
}

/** How busy a cluster was at one instant. */
export interface Sample {
  /** ms since the epoch */
  time: number;
  /** null = its driver did not answer */
  load: Load | null;
  nodes: Record<
    string,
    {
      role: 'driver' | 'worker';
      /** what it may take: cores, and memory, MiB */
      cores: number;
      memory_limit_mib: number;
      /** what it took: cores, on average since the sample before, and memory, MiB */
      cpu: number;
      memory_mib: number;
    }
  >;
}

/** A node, and what it takes of its machine. */
export interface NodeResources {
  node_id: string;
  role: 'driver' | 'worker';
  state: string;
  num_cores: number;
  memory_mb: number;
  address: string;
  processes: {
    pid: number;
    /** the daemon that it belongs to */
    daemon: string;
    name: string;
    /** s */
    cpu_s: number;
    memory_mib: number;
    /** where it listens */
    ports: string[];
  }[];
  /** where its files are */
  folder: string;
  disk_mb: number;
}
