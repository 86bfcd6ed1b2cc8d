/**
 * A table, charts of it, and its profile, in tabs.
 */
import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

import { defaultChart } from '../../model/display/chart';
import { columnIds } from '../../model/display/gridState';
import type { TableContent } from '../../model/display/table';
import { TABLE_TAB, View, withChange, withCopy, withoutView, withPlace, withView } from '../../model/display/viewState';
import type { DisplayActions, Loaded, TableKernel } from './actions';
import { useAdded } from './added';
import { ChartTab } from './ChartTab';
import type { Shown } from './gridContents';
import { useKernel } from './kernel';
import { ProfileTab } from './Profile';
import { StreamStatus } from './StreamStatus';
import { TableTab } from './TableTab';
import { namesOfViews, useViewState, ViewStore } from './useViewState';
import { ViewActions, ViewTabs } from './ViewTabs';

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
  const { content, loaded, trans, actions, node, onLoaded } = props;
  const { table, stream } = content;
  const names = namesOfViews(trans);
  const store = useViewState(table, names, actions, node);
  const { state, act } = store;
  const [shown, setShown] = React.useState<Shown | null>(null);
  const kernel = useKernel(props);
  const hasKernel = actions.hasKernel(node);
  // A stream keeps no rows besides those on the page.
  const own = !stream && hasKernel ? kernel : null;
  const adding = useAdded(content, loaded, store, own, onLoaded);
  const rows = { ...usePage(content, loaded), more: loaded.more, shown, trans };
  const views = state.views.filter(({ kind }) => kind === 'chart' || !stream);
  const open = views.find(({ id }) => id === state.open);
  const tabs: ViewActions = {
    onOpen: id => act(before => ({ ...before, open: id })),
    onAdd: kind => act(before => withView(before, kind, names)),
    onRename: (id, name) => act(before => withChange(before, id, { name })),
    onDuplicate: id => act(before => withCopy(before, id, names)),
    onMove: (id, place) => act(before => withPlace(before, id, place)),
    onRemove: id => act(before => withoutView(before, id))
  };
  const onStop = hasKernel ? () => actions.request(node, { op: 'stream_stop', table }) : null;
  return (
    <>
      {stream && <StreamStatus table={table} stream={stream} trans={trans} onStop={onStop} />}
      <ViewTabs views={views} open={open?.id ?? TABLE_TAB} hasProfile={!stream} trans={trans} {...tabs} />
      <div role="tabpanel" aria-label={trans.__('Table')} hidden={open !== undefined}>
        <TableTab
          {...rows}
          loadedColumns={content.columns.length}
          leftOut={content.left_out}
          adding={adding}
          state={state}
          kernel={own}
          onState={part => act(before => ({ ...before, ...part }))}
          onShown={setShown}
        />
      </div>
      {open && (
        <div role="tabpanel" aria-label={open.name} key={open.id}>
          {open.kind === 'chart' ? (
            <ChartTab {...rows} {...chartOf(open, store, content)} compute={own && own.groups} draw={actions.draw} />
          ) : (
            <ProfileTab {...profileOf(store, own)} trans={trans} />
          )}
        </div>
      )}
    </>
  );
}

/** All columns on the page, and their cells and ids. */
function usePage({ columns }: TableContent, { cells, added }: Loaded) {
  return React.useMemo(
    () => ({
      columns: [...columns, ...added.map(({ column }) => column)],
      cells: [...cells, ...added.map(column => column.cells)],
      ids: [...columnIds(columns), ...added.map(({ id }) => id)]
    }),
    [columns, cells, added]
  );
}

/** The choices of a chart, and what was computed for it. */
function chartOf(
  { id, chart, isEdited = false }: View,
  { computed, hasActed, act, keep }: ViewStore,
  { columns }: TableContent
) {
  return {
    chart: chart ?? defaultChart(columns),
    computed: computed?.groups?.[id] ?? null,
    isEager: hasActed,
    isEdited,
    onEdit: (isOn: boolean) => act(before => withChange(before, id, { isEdited: isOn })),
    onComputed: (groups: NonNullable<ChartProps['computed']>) =>
      keep(before => ({ groups: { ...before?.groups, [id]: groups } })),
    onChange: (changed: ChartProps['chart']) => act(before => withChange(before, id, { chart: changed }))
  };
}

type ChartProps = React.ComponentProps<typeof ChartTab>;

function profileOf({ computed, hasActed, keep }: ViewStore, own: TableKernel | null) {
  return {
    profile: computed?.profile ?? null,
    compute: own && own.profile,
    isEager: hasActed,
    onComputed: (profile: NonNullable<React.ComponentProps<typeof ProfileTab>['profile']>) => keep(() => ({ profile }))
  };
}
