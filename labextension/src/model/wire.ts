/**
 * JSON of the REST API, by short names. The types are generated from the server's description of it: `npm run types`.
 */
import type * as api from './api';

export type {
  Autoscale,
  AccessControl,
  ClusterView as Cluster,
  EventReason as Reason,
  ExecutorList,
  ExecutorLoad,
  JobDetails as ClusterJob,
  JobList,
  Limits,
  Live,
  Load,
  LogDetails as LogFile,
  LogPart as LogPiece,
  NodeDetails as NodeResources,
  NotebookSeat as Seat,
  ObjectPermissions,
  ScimResource,
  Spec,
  TokenCreated,
  TokenDetails,
  UsageSample as Sample
} from './api';

/** States of a cluster in Databricks' API. */
export type State = api.ClusterView['state'];

/** A size of node; of its many fields, those that are read here. */
export type NodeType = Pick<api.NodeTypeDetails, 'node_type_id' | 'num_cores' | 'memory_mb'>;

/** An event of a cluster. */
export type ClusterEvent = Pick<api.ClusterEvent, 'timestamp' | 'type' | 'details'>;

/** A page of events, newest first. */
export interface EventPage extends Pick<api.EventPage, 'total_count'> {
  events: ClusterEvent[];
}
