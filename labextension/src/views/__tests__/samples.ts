import { nullTranslator } from '@jupyterlab/translation';

import type { Catalogue, Cluster } from '../../services/wire';

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

export function aCluster(changes: Partial<Cluster> = {}): Cluster {
  return {
    cluster_id: '1',
    cluster_name: 'etl',
    state: 'RUNNING',
    state_message: '',
    creator_user_name: 'ada',
    node_type_id: 'local-4c',
    driver_node_type_id: 'local-1c',
    num_workers: 2,
    autotermination_minutes: 60,
    start_time: 0,
    driver: {},
    executors: [{}, {}],
    pinned: false,
    live: null,
    spark_ui_url: '',
    master_ui_url: '',
    ...changes
  };
}
