/**
 * Renders the tables of `display` as grids, charts and profiles.
 */
import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { INotebookTracker, NotebookPanel } from '@jupyterlab/notebook';
import { IRenderMimeRegistry } from '@jupyterlab/rendermime';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';
import type { JSONObject, PartialJSONValue } from '@lumino/coreutils';

import { OUR_KERNEL, requestKernel } from '../services/kernels';
import { CHART_TYPE } from '../model/display/chartSpec';
import { ProfileOutput } from '../views/display/Profile';
import { PROFILE_TYPE } from '../model/display/profile';
import { TABLE_TYPE } from '../model/display/table';
import type { ViewState } from '../model/display/viewState';
import type { DisplayActions } from '../views/display/actions';
import { TableOutput } from '../views/display/TableOutput';

/** Before HTML (50), which is for front ends without this extension. */
const RANK = 40;

/** Time that the cluster has to compute a response, ms. */
const TIMEOUT_MS = 600_000;

/** Key of a cell's metadata that saves the view state of each table, by its index in the cell's outputs. */
const METADATA = 'jupyter_dbx';

type Cell = NotebookPanel['content']['widgets'][number];

/** The plugin. */
export const displayPlugin: JupyterFrontEndPlugin<void> = {
  id: 'jupyter-dbx:display',
  description: 'The tables of `display` as grids, charts and profiles.',
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
      hasKernel: node => kernelNameOf(panelOf(node)) === OUR_KERNEL,
      request: async (node, request, options) => {
        const kernel = panelOf(node)?.sessionContext.session?.kernel;
        if (!kernel) {
          throw new Error(trans.__('No kernel is running. Start one and run the cell again.'));
        }
        return requestKernel(kernel, request, TIMEOUT_MS, options);
      },
      loadState: node => {
        const { cell, index } = locate(panelOf(node), node);
        return (statesOf(cell)[index] as unknown as ViewState) ?? null;
      },
      saveState: (node, state) => {
        const { cell, index } = locate(panelOf(node), node);
        const saved = JSON.parse(JSON.stringify(state)) as PartialJSONValue; // without fields that are undefined
        const display = { ...statesOf(cell), [index]: saved };
        cell?.model.setMetadata(METADATA, { ...(cell.model.getMetadata(METADATA) ?? {}), display });
      },
      draw: spec => {
        if (!registry.mimeTypes.includes(CHART_TYPE)) {
          return null;
        }
        const renderer = registry.createRenderer(CHART_TYPE);
        const model = registry.createModel({ data: { [CHART_TYPE]: spec as JSONObject } });
        // Vega's menu for saving the chart has no label of its own.
        const name = () => renderer.node.querySelector('summary')?.setAttribute('aria-label', trans.__('Save chart'));
        void renderer.renderModel(model).then(name);
        return renderer;
      }
    };
    registry.addFactory(
      { safe: true, mimeTypes: [TABLE_TYPE], createRenderer: () => new TableOutput(trans, actions) },
      RANK
    );
    registry.addFactory(
      { safe: true, mimeTypes: [PROFILE_TYPE], createRenderer: () => new ProfileOutput(trans) },
      RANK
    );
  }
};

/** Return the name of a notebook's kernel; without one, the name in its metadata. */
function kernelNameOf(panel: NotebookPanel | undefined): string | undefined {
  const kernelspec = panel?.model?.getMetadata('kernelspec') as { name?: string } | undefined;
  return panel?.sessionContext.session?.kernel?.name ?? kernelspec?.name;
}

/** Return the cell that has an output, and the output's index among the cell's tables. */
function locate(panel: NotebookPanel | undefined, node: HTMLElement): { cell: Cell | undefined; index: number } {
  const cell = panel?.content.widgets.find(widget => widget.node.contains(node));
  return { cell, index: [...(cell?.node.querySelectorAll('.jp-Dbx-display') ?? [])].indexOf(node) };
}

type States = { [index: string]: PartialJSONValue | undefined };

function statesOf(cell: Cell | undefined): States {
  const metadata = cell?.model.getMetadata(METADATA) as { display?: States } | undefined;
  return metadata?.display ?? {};
}
