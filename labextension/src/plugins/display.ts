/**
 * Shows the tables of `display` as grids, charts and profiles.
 */
import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { INotebookTracker, NotebookPanel } from '@jupyterlab/notebook';
import { IRenderMimeRegistry } from '@jupyterlab/rendermime';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';
import type { JSONObject, PartialJSONValue } from '@lumino/coreutils';

import { askKernel, OUR_KERNEL } from '../services/attachments';
import { CHART_TYPE } from '../views/display/chartSpec';
import { ProfileOutput } from '../views/display/Profile';
import { PROFILE_TYPE } from '../views/display/profileData';
import { TABLE_TYPE } from '../views/display/tableData';
import { DisplayActions, Look, TableOutput } from '../views/display/TableOutput';

/** Before HTML (50), which is for those who do not know the type. */
const RANK = 40;

/** For how long the cluster may work for an answer, ms. */
const PATIENCE_MS = 600_000;

/** Where a cell's metadata has how its tables are looked at: by the place of each in the cell's output. */
const METADATA = 'jupyter_dbx';

type Cell = NotebookPanel['content']['widgets'][number];

/** The plugin. */
export const displayPlugin: JupyterFrontEndPlugin<void> = {
  id: 'jupyter-dbx:display',
  description: 'The tables of `display`, as grids, charts and profiles.',
  autoStart: true,
  requires: [IRenderMimeRegistry],
  optional: [INotebookTracker, ITranslator],
  activate: (
    _: JupyterFrontEnd,
    registry: IRenderMimeRegistry,
    notebooks: INotebookTracker | null,
    translator: ITranslator | null
  ) => {
    const trans = (translator ?? nullTranslator).load('jupyter_dbx');
    const panelOf = (node: HTMLElement) => notebooks?.find(panel => panel.node.contains(node));
    const actions: DisplayActions = {
      canAsk: node => kernelNameOf(panelOf(node)) === OUR_KERNEL,
      ask: async (node, wish) => {
        const kernel = panelOf(node)?.sessionContext.session?.kernel;
        if (!kernel) {
          throw new Error(trans.__('No kernel runs: start it, and run the cell again.'));
        }
        return askKernel(kernel, wish, PATIENCE_MS);
      },
      recall: node => {
        const { cell, place } = placeOf(panelOf(node), node);
        return (looksOf(cell)[place] as unknown as Look) ?? null;
      },
      keep: (node, look) => {
        const { cell, place } = placeOf(panelOf(node), node);
        const display = { ...looksOf(cell), [place]: look as unknown as PartialJSONValue };
        cell?.model.setMetadata(METADATA, { ...(cell.model.getMetadata(METADATA) ?? {}), display });
      },
      draw: spec => {
        if (!registry.mimeTypes.includes(CHART_TYPE)) {
          return null;
        }
        const renderer = registry.createRenderer(CHART_TYPE);
        const model = registry.createModel({ data: { [CHART_TYPE]: spec as JSONObject } });
        // Vega's menu, to save the chart, has no name of its own.
        const name = () => renderer.node.querySelector('summary')?.setAttribute('aria-label', trans.__('Save the chart'));
        void renderer.renderModel(model).then(name);
        return renderer;
      }
    };
    registry.addFactory(
      { safe: true, mimeTypes: [TABLE_TYPE], createRenderer: () => new TableOutput(trans, actions) },
      RANK
    );
    registry.addFactory({ safe: true, mimeTypes: [PROFILE_TYPE], createRenderer: () => new ProfileOutput(trans) }, RANK);
  }
};

/** Return the name of a notebook's kernel, or of the one that it was written with. */
function kernelNameOf(panel: NotebookPanel | undefined): string | undefined {
  return panel?.sessionContext.session?.kernel?.name ?? panel?.model?.getMetadata('kernelspec')?.name;
}

/** Return the cell that an output is in, and its place among the cell's tables. */
function placeOf(panel: NotebookPanel | undefined, node: HTMLElement): { cell: Cell | undefined; place: number } {
  const cell = panel?.content.widgets.find(widget => widget.node.contains(node));
  return { cell, place: [...(cell?.node.querySelectorAll('.jp-Dbx-display') ?? [])].indexOf(node) };
}

function looksOf(cell: Cell | undefined): { [place: string]: PartialJSONValue | undefined } {
  return cell?.model.getMetadata(METADATA)?.display ?? {};
}
