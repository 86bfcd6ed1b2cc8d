/**
 * What new clusters can be made of.
 */
import type { Limits, NodeType } from './wire';

/** Node types, limits and the Spark version of new clusters. */
export interface Catalogue {
  nodeTypes: NodeType[];
  limits: Limits;
  sparkVersion: string;
}
