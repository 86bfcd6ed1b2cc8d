/**
 * Provides all clusters, kept up to date, to the other plugins.
 */
import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';

import { Client } from '../services/client';
import { Clusters } from '../services/clusters';
import { IClusters } from '../tokens';

/** The plugin. */
export const clustersPlugin: JupyterFrontEndPlugin<IClusters> = {
  id: 'jupyter-dbx:clusters',
  description: 'All Spark clusters, kept up to date.',
  provides: IClusters,
  autoStart: true,
  activate: ({ serviceManager }: JupyterFrontEnd) =>
    new Clusters(new Client(serviceManager.serverSettings), serviceManager.events.stream)
};
