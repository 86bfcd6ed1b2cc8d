import { nullTranslator } from '@jupyterlab/translation';

import type { Catalogue } from '../catalogue';
import type { Cluster } from '../wire';

export const trans = nullTranslator.load('jupyter_dbx');

export const catalogue: Catalogue = {
  nodeTypes: [
    { node_type_id: 'local-1c', num_cores: 1, memory_mb: 2048 },
    { node_type_id: 'local-4c', num_cores: 4, memory_mb: 16384 }
  ],
  limits: {
    autotermination_minutes: { least: 10, most: 10000 },
    capacity: { cores: 8, free_cores: 6, memory_mib: 16384, free_memory_mib: 12288 }
  },
  sparkVersion: '4.3.x-scala2.13'
};

const node = {
  node_id: 'n',
  instance_id: 'n',
  private_ip: '127.0.0.1',
  host_private_ip: '127.0.0.1',
  public_dns: '',
  start_timestamp: 0
};

export function aCluster(changes: Partial<Cluster> = {}): Cluster {
  return {
    cluster_id: '1',
    cluster_name: 'etl',
    state: 'RUNNING',
    state_message: '',
    creator_user_name: 'ada',
    permission_level: 'CAN_MANAGE',
    cluster_source: 'API',
    default_tags: {},
    jdbc_port: 10000,
    node_type_id: 'local-4c',
    driver_node_type_id: 'local-1c',
    num_workers: 2,
    autotermination_minutes: 60,
    start_time: 0,
    driver: {},
    executors: [node, node],
    pinned: false,
    live: null,
    spark_ui_url: '',
    master_ui_url: '',
    apache_spark_version: '4.3.0',
    running_since: 0,
    ...changes
  };
}
