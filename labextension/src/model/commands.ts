/**
 * Ids of the commands, and the states of a cluster that allow them.
 */
import type { TranslationBundle } from '@jupyterlab/translation';

import type { Cluster, State } from './wire';

/** All our commands; those for one cluster take `{ cluster_id }`. */
export const CommandIDs = {
  create: 'dbx:create-cluster',
  show: 'dbx:show-clusters',
  showVariables: 'dbx:show-variables',
  showTokens: 'dbx:show-tokens',
  refresh: 'dbx:refresh-clusters',
  edit: 'dbx:edit-cluster',
  clone: 'dbx:clone-cluster',
  start: 'dbx:start-cluster',
  restart: 'dbx:restart-cluster',
  resize: 'dbx:resize-cluster',
  extend: 'dbx:extend-cluster',
  terminate: 'dbx:terminate-cluster',
  remove: 'dbx:delete-cluster',
  pin: 'dbx:pin-cluster',
  unpin: 'dbx:unpin-cluster',
  copyId: 'dbx:copy-cluster-id',
  share: 'dbx:share-cluster',
  attach: 'dbx:attach-cluster',
  detach: 'dbx:detach-cluster',
  reattach: 'dbx:reattach-cluster',
  openSparkUi: 'dbx:open-spark-ui',
  openPage: 'dbx:open-cluster',
  monitorTasks: 'dbx:monitor-tasks',
  monitorUsage: 'dbx:monitor-usage',
  monitorStages: 'dbx:monitor-stages',
  showGallery: 'dbx:show-gallery'
} as const;

/** A command for one cluster. */
export interface ClusterCommand {
  id: string;
  label(trans: TranslationBundle): string;
  /** Return whether the cluster's state allows it. */
  isAllowed(cluster: Cluster): boolean;
}

const isIn =
  (...states: State[]) =>
  (cluster: Cluster) =>
    states.includes(cluster.state);

/** The commands that open a pane of a cluster. */
export const MONITOR_COMMANDS: ClusterCommand[] = [
  { id: CommandIDs.monitorTasks, label: trans => trans.__('Monitor Tasks'), isAllowed: () => true },
  { id: CommandIDs.monitorUsage, label: trans => trans.__('Monitor CPU and Memory'), isAllowed: () => true },
  { id: CommandIDs.monitorStages, label: trans => trans.__('Monitor Stages'), isAllowed: () => true }
];

/** In the order of menus; `null` = a separator. */
export const CLUSTER_COMMANDS: (ClusterCommand | null)[] = [
  { id: CommandIDs.start, label: trans => trans.__('Start'), isAllowed: isIn('TERMINATED') },
  { id: CommandIDs.restart, label: trans => trans.__('Restart'), isAllowed: isIn('RUNNING') },
  {
    id: CommandIDs.resize,
    label: trans => trans.__('Resize…'),
    isAllowed: cluster => cluster.state === 'RUNNING' && (!!cluster.autoscale || cluster.num_workers > 0)
  },
  {
    id: CommandIDs.extend,
    label: trans => trans.__('Extend Time to Termination'),
    isAllowed: cluster => isIn('RUNNING', 'RESIZING')(cluster) && cluster.autotermination_minutes > 0
  },
  {
    id: CommandIDs.terminate,
    label: trans => trans.__('Terminate'),
    isAllowed: isIn('PENDING', 'RUNNING', 'RESIZING', 'RESTARTING')
  },
  null,
  { id: CommandIDs.openPage, label: trans => trans.__('Open'), isAllowed: () => true },
  { id: CommandIDs.openSparkUi, label: trans => trans.__('Spark UI'), isAllowed: cluster => !!cluster.spark_ui_url },
  ...MONITOR_COMMANDS,
  null,
  { id: CommandIDs.edit, label: trans => trans.__('Edit…'), isAllowed: isIn('RUNNING', 'TERMINATED') },
  { id: CommandIDs.clone, label: trans => trans.__('Clone…'), isAllowed: () => true },
  { id: CommandIDs.share, label: trans => trans.__('Share…'), isAllowed: () => true },
  { id: CommandIDs.pin, label: trans => trans.__('Pin'), isAllowed: cluster => !cluster.pinned },
  { id: CommandIDs.unpin, label: trans => trans.__('Unpin'), isAllowed: cluster => cluster.pinned },
  { id: CommandIDs.copyId, label: trans => trans.__('Copy ID'), isAllowed: () => true },
  null,
  { id: CommandIDs.remove, label: trans => trans.__('Delete…'), isAllowed: () => true }
];
