/**
 * The tabs of a displayed table: the table itself, any number of charts, and a profile. They are saved with the notebook.
 */
import type { Chart } from './chart';
import type { AddedColumn } from './columns';
import type { GridState } from './gridState';
import type { Groups } from './groups';
import type { ProfileContent } from './profile';

/** The tab of the table, which always exists. */
export const TABLE_TAB = 'table';

/** A tab besides that of the table. */
export interface View {
  /** unique among the table's views */
  id: string;
  kind: 'chart' | 'profile';
  name: string;
  /** the choices of a chart; absent = the default ones */
  chart?: Chart;
  /** whether the settings of a chart are shown; absent = they are not */
  isEdited?: boolean;
}

/** What the user has chosen for a table, and what was computed for that. */
export interface ViewState {
  /** id of the open view, or TABLE_TAB */
  open: string;
  views: View[];
  search?: string;
  grid?: GridState;
  computed?: Computed;
}

/** What the kernel has computed of all rows, or read later. */
export interface Computed {
  /** id of the table that it is of: another run of the cell displays another one */
  table: string;
  profile?: ProfileContent;
  /** of each chart, by its id: the latest groups, and the request that they answer, as JSON */
  groups?: { [view: string]: ChartGroups };
  /** cells of columns that were not loaded with the table */
  added?: AddedColumn[];
}

/** Groups of a chart, and the request that they answer, as JSON. */
export interface ChartGroups {
  of: string;
  groups: Groups;
}

/** The names of new views; `chart` is that of the chart with a number. */
export interface ViewNames {
  chart(number: number): string;
  profile: string;
  copy(name: string): string;
}

/** The state of earlier versions: one chart, and a profile that was always there. */
interface EarlierState extends Pick<ViewState, 'search' | 'grid'> {
  tab: 'table' | 'chart' | 'profile';
  chart?: Chart;
  computed?: Pick<Computed, 'table' | 'profile'> & { groups?: ChartGroups };
}

/** Return a saved state, also one of an earlier version; `null` = none. */
export function restored(saved: ViewState | EarlierState | null, names: ViewNames): ViewState {
  if (!saved || 'views' in saved) {
    return saved ?? { open: TABLE_TAB, views: [] };
  }
  const { tab, chart, computed, ...rest } = saved;
  const views: View[] = [];
  if (chart || tab === 'chart') {
    views.push({ id: 'chart', kind: 'chart', name: names.chart(1), ...(chart ? { chart } : {}) });
  }
  if (computed?.profile || tab === 'profile') {
    views.push({ id: 'profile', kind: 'profile', name: names.profile });
  }
  if (!computed) {
    return { ...rest, open: tab, views };
  }
  const { groups, ...found } = computed;
  return { ...rest, open: tab, views, computed: { ...found, ...(groups ? { groups: { chart: groups } } : {}) } };
}

/** Return the state with a new view, which is open; a profile that exists is opened instead. */
export function withView(state: ViewState, kind: View['kind'], names: ViewNames): ViewState {
  const { views } = state;
  const profile = views.find(view => view.kind === 'profile');
  if (kind === 'profile' && profile) {
    return { ...state, open: profile.id };
  }
  const isFree = (number: number) => !views.some(({ name }) => name === names.chart(number));
  const number = [...Array(views.length + 1).keys()].map(index => index + 1).find(isFree)!;
  const id = newId(views);
  const view: View =
    kind === 'chart' ? { id, kind, name: names.chart(number), isEdited: true } : { id, kind, name: names.profile };
  return { ...state, open: id, views: [...views, view] };
}

/** Return the state with a copy of a chart after it, which is open. */
export function withCopy(state: ViewState, id: string, names: ViewNames): ViewState {
  const copy = (view: View): View => ({
    ...view,
    id: newId(state.views),
    name: names.copy(view.name),
    isEdited: true
  });
  const views = state.views.flatMap(view => (view.id === id ? [view, copy(view)] : [view]));
  return { ...state, views, open: newId(state.views) };
}

/** Return the state without a view, and without what was computed for it; if it was open, the tab before it is. */
export function withoutView(state: ViewState, id: string): ViewState {
  const place = state.views.findIndex(view => view.id === id);
  const { computed } = state;
  const others = Object.entries(computed?.groups ?? {}).filter(([view]) => view !== id);
  return {
    ...state,
    views: state.views.filter(view => view.id !== id),
    open: state.open === id ? (state.views[place - 1]?.id ?? TABLE_TAB) : state.open,
    ...(computed ? { computed: { ...computed, groups: Object.fromEntries(others) } } : {})
  };
}

/** Return the state with a view at another place, from 0 on, among the views. */
export function withPlace(state: ViewState, id: string, place: number): ViewState {
  const others = state.views.filter(view => view.id !== id);
  const own = state.views.filter(view => view.id === id);
  return { ...state, views: [...others.slice(0, place), ...own, ...others.slice(place)] };
}

/** Return the state with changes to one view. */
export function withChange(state: ViewState, id: string, change: Partial<Omit<View, 'id' | 'kind'>>): ViewState {
  return { ...state, views: state.views.map(view => (view.id === id ? { ...view, ...change } : view)) };
}

/** Return the state as it is saved: with as much of what was computed as fits into `most` characters of JSON. */
export function savedState(state: ViewState, most: number): ViewState {
  const { computed, ...rest } = state;
  if (!computed) {
    return rest;
  }
  let room = most;
  const fits = (part: unknown) => {
    const size = JSON.stringify(part).length;
    const isSmall = size <= room;
    room -= isSmall ? size : 0;
    return isSmall;
  };
  const { table, added, profile, groups = {} } = computed;
  return {
    ...rest,
    computed: {
      table,
      ...(added && fits(added) ? { added } : {}),
      ...(profile && fits(profile) ? { profile } : {}),
      groups: Object.fromEntries(Object.entries(groups).filter(([, own]) => fits(own)))
    }
  };
}

function newId(views: readonly View[]): string {
  return String(Math.max(0, ...views.map(({ id }) => Number(id) || 0)) + 1);
}
