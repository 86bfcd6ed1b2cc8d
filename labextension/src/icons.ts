/**
 * Our own icons.
 */
import { LabIcon } from '@jupyterlab/ui-components';

import clustersSvg from '../style/clusters.svg';

/** A driver and its workers. */
export const clustersIcon = new LabIcon({ name: 'jupyter-dbx:clusters', svgstr: clustersSvg });

/** Dots as in the list of clusters, for menus. */
export const stateIcons: Record<'up' | 'changing' | 'failed' | 'down', LabIcon> = {
  up: dot('up', '<circle cx="8" cy="8" r="5" fill="var(--jp-success-color1)"/>'),
  changing: dot('changing', `<circle cx="8" cy="8" r="4" ${outline('--jp-brand-color1')} stroke-dasharray="18 7"/>`),
  failed: dot('failed', '<rect x="3" y="3" width="10" height="10" rx="2" fill="var(--jp-error-color1)"/>'),
  down: dot('down', `<circle cx="8" cy="8" r="4" ${outline('--jp-ui-font-color2')}/>`)
};

function outline(color: string): string {
  return `fill="none" stroke="var(${color})" stroke-width="2"`;
}

function dot(name: string, shape: string): LabIcon {
  const svgstr = `<svg xmlns="http://www.w3.org/2000/svg" width="16" viewBox="0 0 16 16">${shape}</svg>`;
  return new LabIcon({ name: `jupyter-dbx:state-${name}`, svgstr });
}
