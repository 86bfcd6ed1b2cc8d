/**
 * Icons of our own, for buttons of views.
 */
import { LabIcon } from '@jupyterlab/ui-components';

/** The columns of a table. */
export const columnsIcon = drawn('columns', 'M1.5 2h13v12h-13zM3 3.5v9h2.3v-9zm3.8 0v9h2.4v-9zm3.9 0v9H13v-9z');

/** A chart. */
export const chartIcon = drawn('chart', 'M1.5 13h13v1.5h-13zM3 7h2.4v5H3zm3.8-5h2.4v10H6.8zm3.8 3H13v7h-2.4z');

function drawn(name: string, path: string): LabIcon {
  const shape = `<path class="jp-icon3" fill="#616161" fill-rule="evenodd" d="${path}"/>`;
  const svgstr = `<svg xmlns="http://www.w3.org/2000/svg" width="16" viewBox="0 0 16 16">${shape}</svg>`;
  return new LabIcon({ name: `jupyter-dbx:${name}`, svgstr });
}
