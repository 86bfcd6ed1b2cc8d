/**
 * What the user has chosen for a table, and what was computed for it, kept with the notebook.
 */
import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

import { Computed, restored, savedState, ViewNames, ViewState } from '../../model/display/viewState';
import type { DisplayActions } from './actions';

/** Maximum size of what is saved with the notebook of what was computed, characters of JSON. */
const MAX_SAVED = 100_000;

/** The state of one table, and how it changes; each change is saved. */
export interface ViewStore {
  state: ViewState;
  /** what was computed for this table, not for that of an earlier run of the cell; null = nothing */
  computed: Computed | null;
  /** whether the user has changed the state, so that it is not only a restored one */
  hasActed: boolean;
  /** Change the state, because the user wants so. */
  act(change: (state: ViewState) => ViewState): void;
  /** Add what was computed for the table. */
  keep(part: (before: Computed | null) => Partial<Computed>): void;
}

/** Return the state of a table. */
export function useViewState(
  table: string,
  names: ViewNames,
  { loadState, saveState }: DisplayActions,
  node: HTMLElement
): ViewStore {
  const [state, setState] = React.useState<ViewState>(() => restored(loadState(node), names));
  const [hasActed, setHasActed] = React.useState(false);
  const latest = React.useRef(state); // several changes may come before the next render
  const set = (next: ViewState) => {
    latest.current = next;
    setState(next);
    saveState(node, savedState(next, MAX_SAVED));
  };
  const own = ({ computed }: ViewState) => (computed?.table === table ? computed : null);
  return {
    state,
    computed: own(state),
    hasActed,
    act: change => {
      set(change(latest.current));
      setHasActed(true);
    },
    keep: part => {
      const before = own(latest.current);
      set({ ...latest.current, computed: { ...before, table, ...part(before) } });
    }
  };
}

/** Return the names of new views. */
export function namesOfViews(trans: TranslationBundle): ViewNames {
  return {
    chart: number => trans.__('Visualization %1', number),
    profile: trans.__('Data Profile'),
    copy: name => trans.__('%1 (copy)', name)
  };
}
