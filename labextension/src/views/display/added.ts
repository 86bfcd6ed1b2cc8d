/**
 * Columns that were not loaded with a table, and that the user has chosen.
 */
import * as React from 'react';

import { columnIds } from '../../model/display/gridState';
import type { TableContent } from '../../model/display/table';
import type { Loaded, TableKernel } from './actions';
import { Computation, useComputation } from './computed';
import type { ViewStore } from './useViewState';

/** The columns that are chosen and not loaded. */
export interface Adding extends Computation {
  /** count */
  missing: number;
}

/**
 * Load chosen columns: those saved with the notebook, else from the kernel.
 *
 * The kernel is asked when the user has acted, or the cell has run again; a notebook that is only opened computes nothing.
 */
export function useAdded(
  content: TableContent,
  loaded: Loaded,
  { state, computed, hasActed, keep }: ViewStore,
  kernel: TableKernel | null,
  onLoaded: (loaded: Loaded) => void
): Adding {
  const { columns, rows } = content;
  const base = React.useMemo(() => new Set(columnIds(columns)), [columns]);
  const has = new Set(loaded.added.map(({ id }) => id));
  const missing = (state.grid?.added ?? []).filter(id => !base.has(id) && !has.has(id));
  const saved = (computed?.added ?? []).filter(({ id, cells }) => missing.includes(id) && cells.length === rows);
  const wanted = JSON.stringify(missing);
  const keepAll = React.useRef(keep);
  keepAll.current = keep;
  const run = React.useCallback(
    async (signal: AbortSignal) => {
      const added = await kernel!.loadColumns(JSON.parse(wanted) as string[], signal);
      // The output has so many rows when the notebook is opened again.
      keepAll.current(() => ({ added: added.map(column => ({ ...column, cells: column.cells.slice(0, rows) })) }));
    },
    [kernel, wanted, rows]
  );
  const computation = useComputation(run);
  const { start } = computation;
  const isRestored = saved.length > 0 && loaded.cells[0]?.length === rows;
  const isWanted = missing.length > 0 && !isRestored && kernel !== null && (hasActed || computed === null);
  React.useEffect(() => {
    if (isRestored) {
      onLoaded({ ...loaded, added: [...loaded.added, ...saved] });
    } else if (isWanted) {
      start();
    }
    // Only these decide what happens; the others are what it happens to.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [isRestored, isWanted, wanted, start]);
  return { ...computation, missing: missing.length };
}
