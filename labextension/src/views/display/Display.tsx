/**
 * A table, a chart of it, and its profile, in tabs.
 */
import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

import { defaultChart } from '../../model/display/chart';
import type { Groups } from '../../model/display/groups';
import type { ProfileContent } from '../../model/display/profile';
import { Cell, cellsOf, Rows, TableContent } from '../../model/display/table';
import type { RequestOptions, TableRequest } from '../../model/kernelRequests';
import type { Computed, DisplayActions, TableKernel, ViewState } from './actions';
import { ChartTab } from './ChartTab';
import type { Shown } from './gridContents';
import { ProfileTab } from './Profile';
import { StreamStatus } from './StreamStatus';
import { Tabs } from './Tabs';
import { TableTab } from './TableTab';

/** The rows on the page, column by column. */
export interface Loaded {
  cells: Cell[][];
  /** whether the source has more */
  more: boolean;
}

interface DisplayProps {
  content: TableContent;
  loaded: Loaded;
  trans: TranslationBundle;
  actions: DisplayActions;
  node: HTMLElement;
  /** Keep these rows from now on. */
  onLoaded(loaded: Loaded): void;
}

/** The tabs; a stream has no profile. The table stays when another tab is open: charts follow its filters. */
export function Display(props: DisplayProps): JSX.Element {
  const { content, loaded, trans, actions, node } = props;
  const { columns, stream } = content;
  const { state, change, hasActed } = useViewState(props);
  const [shown, setShown] = React.useState<Shown | null>(null);
  const kernel = useKernel(props);
  const names = { table: trans.__('Table'), chart: trans.__('Chart'), profile: trans.__('Profile') };
  const streamNames = { table: names.table, chart: names.chart };
  const computed = state.computed?.table === content.table ? state.computed : null;
  const keep = (part: Partial<Computed>) => change({ computed: { ...computed, table: content.table, ...part } });
  const stop = actions.hasKernel(node)
    ? () => actions.request(node, { op: 'stream_stop', table: content.table })
    : null;
  // A stream keeps no rows besides those on the page.
  const own = !stream && actions.hasKernel(node) ? kernel : null;
  const rows = { columns, ...loaded, shown, trans };
  return (
    <>
      {stream && <StreamStatus table={content.table} stream={stream} trans={trans} onStop={stop} />}
      <Tabs<ViewState['tab']> names={stream ? streamNames : names} open={state.tab} onOpen={tab => change({ tab })} />
      <div role="tabpanel" aria-label={names.table} hidden={state.tab !== 'table'}>
        <TableTab {...rows} state={state} leftOut={content.left_out} kernel={own} onState={change} onShown={setShown} />
      </div>
      {state.tab !== 'table' && (
        <div role="tabpanel" aria-label={names[state.tab]}>
          {state.tab === 'chart' && (
            <ChartTab
              {...rows}
              chart={state.chart ?? defaultChart(columns)}
              computed={computed?.groups ?? null}
              compute={own && own.groups}
              isEager={hasActed}
              onComputed={groups => keep({ groups })}
              onChange={chart => change({ chart })}
              draw={actions.draw}
            />
          )}
          {state.tab === 'profile' && (
            <ProfileTab
              profile={computed?.profile ?? null}
              compute={own && own.profile}
              isEager={hasActed}
              onComputed={profile => keep({ profile })}
              trans={trans}
            />
          )}
        </div>
      )}
    </>
  );
}

/** Maximum size of what is saved with the notebook of what was computed, characters of JSON. */
const MAX_SAVED = 100_000;

/** The view state, saved at each change; `hasActed` = the user has changed it, so that it is not only a restored one. */
function useViewState({ actions, node }: DisplayProps): {
  state: ViewState;
  change(part: Partial<ViewState>): void;
  hasActed: boolean;
} {
  const [state, setState] = React.useState<ViewState>(() => actions.loadState(node) ?? { tab: 'table' });
  const [hasActed, setHasActed] = React.useState(false);
  const latest = React.useRef(state); // several changes may come before the next render
  const change = (part: Partial<ViewState>) => {
    latest.current = { ...latest.current, ...part };
    setState(latest.current);
    setHasActed(true);
    const { computed, ...rest } = latest.current;
    const isSaved = computed && JSON.stringify(computed).length <= MAX_SAVED;
    actions.saveState(node, isSaved ? { ...rest, computed } : rest);
  };
  return { state, change, hasActed };
}

function useKernel({ content: { table }, loaded, actions, node, onLoaded }: DisplayProps): TableKernel {
  const latest = React.useRef({ loaded, onLoaded });
  latest.current = { loaded, onLoaded };
  return React.useMemo(() => {
    const request = (body: TableRequest, options?: RequestOptions) => actions.request(node, body, options);
    return {
      loadMore: async () => {
        const { cells } = latest.current.loaded;
        const rows = (await request({ op: 'table_more', table, offset: cells[0].length })) as Rows;
        const next = await cellsOf(rows);
        latest.current.onLoaded({
          cells: cells.map((column, index) => [...column, ...next[index]]),
          more: rows.more
        });
      },
      profile: async signal => (await request({ op: 'table_profile', table }, { signal })) as ProfileContent,
      groups: async (body, signal) => (await request({ op: 'table_groups', table, ...body }, { signal })) as Groups,
      file: async (format, rows, signal, onProgress) => {
        const parts: Uint8Array<ArrayBuffer>[] = [];
        let size = 0;
        const onPart = (about: object, bytes: Uint8Array<ArrayBuffer>) => {
          parts.push(bytes);
          size += bytes.length;
          onProgress((about as { rows: number }).rows, size);
        };
        const body = { op: 'table_file', table, format, ...(rows ? { rows } : {}) } as const;
        const found = (await request(body, { signal, onPart })) as { rows: number; is_cut: boolean };
        return { file: new Blob(parts), rows: found.rows, isCut: found.is_cut };
      }
    };
  }, [actions, node, table]);
}
