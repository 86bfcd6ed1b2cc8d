/**
 * Ids of the commands, and which of them a cluster's state allows.
 */
import type { TranslationBundle } from '@jupyterlab/translation';

import type { Cluster, State } from './services/wire';

/** Every command of ours; those of one cluster take `{ cluster_id }`. */
export namespace CommandIDs {
  export const create = 'dbx:create-cluster';
  export const show = 'dbx:show-clusters';
  export const refresh = 'dbx:refresh-clusters';
  export const edit = 'dbx:edit-cluster';
  export const clone = 'dbx:clone-cluster';
  export const start = 'dbx:start-cluster';
  export const restart = 'dbx:restart-cluster';
  export const resize = 'dbx:resize-cluster';
  export const extend = 'dbx:extend-cluster';
  export const terminate = 'dbx:terminate-cluster';
  export const remove = 'dbx:delete-cluster';
  export const pin = 'dbx:pin-cluster';
  export const unpin = 'dbx:unpin-cluster';
  export const copyId = 'dbx:copy-cluster-id';
  export const attach = 'dbx:attach-cluster';
  export const detach = 'dbx:detach-cluster';
  export const reattach = 'dbx:reattach-cluster';
  export const openSparkUi = 'dbx:open-spark-ui';
  export const openPage = 'dbx:open-cluster';
}

/** A command that is about one cluster. */
export interface ClusterCommand {
  id: string;
  label(trans: TranslationBundle): string;
  /** Return whether it makes sense now. */
  fits(cluster: Cluster): boolean;
}

const isIn =
  (...states: State[]) =>
  (cluster: Cluster) =>
    states.includes(cluster.state);

/** In the order in which menus show them; `null` = a line between groups. */
export const CLUSTER_COMMANDS: (ClusterCommand | null)[] = [
  { id: CommandIDs.start, label: trans => trans.__('Start'), fits: isIn('TERMINATED') },
  { id: CommandIDs.restart, label: trans => trans.__('Restart'), fits: isIn('RUNNING') },
  {
    id: CommandIDs.resize,
    label: trans => trans.__('Resize…'),
    fits: cluster => cluster.state === 'RUNNING' && (!!cluster.autoscale || cluster.num_workers > 0)
  },
  {
    id: CommandIDs.extend,
    label: trans => trans.__('Extend Its Idle Time'),
    fits: cluster => isIn('RUNNING', 'RESIZING')(cluster) && cluster.autotermination_minutes > 0
  },
  {
    id: CommandIDs.terminate,
    label: trans => trans.__('Terminate'),
    fits: isIn('PENDING', 'RUNNING', 'RESIZING', 'RESTARTING')
  },
  null,
  { id: CommandIDs.openPage, label: trans => trans.__('Open'), fits: () => true },
  { id: CommandIDs.openSparkUi, label: trans => trans.__('Spark UI'), fits: cluster => !!cluster.spark_ui_url },
  null,
  { id: CommandIDs.edit, label: trans => trans.__('Edit…'), fits: isIn('RUNNING', 'TERMINATED') },
  { id: CommandIDs.clone, label: trans => trans.__('Clone…'), fits: () => true },
  { id: CommandIDs.pin, label: trans => trans.__('Pin'), fits: cluster => !cluster.pinned },
  { id: CommandIDs.unpin, label: trans => trans.__('Unpin'), fits: cluster => cluster.pinned },
  { id: CommandIDs.copyId, label: trans => trans.__('Copy Id'), fits: () => true },
  null,
  { id: CommandIDs.remove, label: trans => trans.__('Delete…'), fits: () => true }
];
