import { restored, savedState, ViewState, withChange, withCopy, withoutView, withPlace, withView } from '../viewState';

const names = {
  chart: (number: number) => `Visualization ${number}`,
  profile: 'Data Profile',
  copy: (name: string) => `${name} (copy)`
};
const chart = { kind: 'pie', x: 'a', y: '', series: '', aggregate: 'count' } as const;
const groups = { of: '{}', groups: { keys: [], values: [1], steps: [], total: null, whole: null } };
const empty: ViewState = { open: 'table', views: [] };

function namesOf({ views }: ViewState): string[] {
  return views.map(({ name }) => name);
}

describe('a restored state', () => {
  it('has a table only, if nothing was saved', () => expect(restored(null, names)).toEqual(empty));

  it('is the saved one', () => {
    const state = withView(empty, 'chart', names);
    expect(restored(state, names)).toBe(state);
  });

  it('has the chart and the profile of an earlier version, and what was computed for them', () => {
    const profile = { rows: 1, precise: true, left_out: 0, columns: [] };
    const computed = { table: 't', profile, groups };

    const state = restored({ tab: 'chart', chart, search: 'x', computed }, names);

    expect(state.views).toEqual([
      { id: 'chart', kind: 'chart', name: 'Visualization 1', chart },
      { id: 'profile', kind: 'profile', name: 'Data Profile' }
    ]);
    expect(state).toMatchObject({ open: 'chart', search: 'x' });
    expect(state.computed).toEqual({ table: 't', profile, groups: { chart: groups } });
    expect(restored({ tab: 'profile' }, names).open).toBe('profile');
    expect(restored({ tab: 'table', search: 'x' }, names)).toEqual({ ...empty, search: 'x' });
  });
});

describe('views', () => {
  const two = withView(withView(empty, 'chart', names), 'chart', names);

  it('are added with free names, and open', () => {
    expect(namesOf(two)).toEqual(['Visualization 1', 'Visualization 2']);
    expect(two.open).toBe(two.views[1].id);
    const renamed = withChange(two, two.views[0].id, { name: 'Sales' });
    expect(namesOf(withView(renamed, 'chart', names))).toEqual(['Sales', 'Visualization 2', 'Visualization 1']);
  });

  it('show their settings when they are new, and as they were left later', () => {
    expect(two.views.map(view => view.isEdited)).toEqual([true, true]);
    const left = withChange(two, two.views[0].id, { isEdited: false });
    expect(withCopy(left, left.views[0].id, names).views.map(view => view.isEdited)).toEqual([false, true, true]);
  });

  it('can be moved', () => {
    const three = withView(two, 'profile', names);
    const [first, , last] = three.views;
    expect(namesOf(withPlace(three, last.id, 0))).toEqual(['Data Profile', 'Visualization 1', 'Visualization 2']);
    expect(namesOf(withPlace(three, first.id, 2))).toEqual(['Visualization 2', 'Data Profile', 'Visualization 1']);
    expect(withPlace(three, first.id, 2).open).toBe(last.id);
  });

  it('have one profile', () => {
    const profiled = withView(two, 'profile', names);
    const again = withView({ ...profiled, open: 'table' }, 'profile', names);
    expect(again).toEqual(profiled);
  });

  it('are copied with their settings, after the original', () => {
    const [first] = two.views;
    const copied = withCopy(withChange(two, first.id, { chart }), first.id, names);
    expect(namesOf(copied)).toEqual(['Visualization 1', 'Visualization 1 (copy)', 'Visualization 2']);
    expect(copied.views[1]).toMatchObject({ id: copied.open, chart });
    expect(new Set(copied.views.map(({ id }) => id)).size).toBe(3);
  });

  it('are removed with what was computed for them', () => {
    const [first, second] = two.views;
    const computed = { table: 't', groups: { [first.id]: groups, [second.id]: groups } };
    const one = withoutView({ ...two, computed }, second.id);
    expect(one).toEqual({ open: first.id, views: [first], computed: { table: 't', groups: { [first.id]: groups } } });
    expect(withoutView(one, first.id).open).toBe('table');
  });
});

describe('a saved state', () => {
  it('has what fits of what was computed, and says of which table it is', () => {
    const profile = { rows: 1, precise: true, left_out: 0, columns: [] };
    const long = { ...groups, of: 'x'.repeat(500) };
    const state = { ...empty, computed: { table: 't', profile, groups: { 1: long, 2: groups } } };
    expect(savedState(state, 1000)).toEqual(state);
    expect(savedState(state, 300).computed).toEqual({ table: 't', profile, groups: { 2: groups } });
    expect(savedState(state, 10).computed).toEqual({ table: 't', groups: {} });
    expect(savedState(empty, 10)).toEqual(empty);
  });
});
