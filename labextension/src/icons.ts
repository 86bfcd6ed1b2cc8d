/**
 * Our own icons.
 */
import { LabIcon } from '@jupyterlab/ui-components';

import clustersSvg from '../style/clusters.svg';

/** A driver and its workers. */
export const clustersIcon = new LabIcon({ name: 'jupyter-dbx:clusters', svgstr: clustersSvg });
