import {
  entriesOf,
  Entry,
  entryOf,
  newGroups,
  Principal,
  principalsOf,
  requestOf,
  suggestionsOf,
  withPrincipal
} from '../sharing';

const known: Principal[] = [
  { kind: 'user_name', name: 'bob', displayName: 'Bob Miller' },
  { kind: 'group_name', name: 'data', displayName: 'data' },
  { kind: 'service_principal_name', name: 'ci', displayName: 'ci' }
];

const control = (named: object, permission_level: string, inherited = false) => ({
  ...named,
  display_name: Object.values(named)[0] as string,
  all_permissions: [{ permission_level, inherited }]
});

const entries = entriesOf(
  {
    object_id: '/clusters/1',
    object_type: 'cluster',
    access_control_list: [
      control({ user_name: 'ann' }, 'CAN_MANAGE'),
      control({ user_name: 'bob' }, 'CAN_RESTART'),
      control({ group_name: 'admins' }, 'CAN_MANAGE', true)
    ]
  },
  'Ann',
  known
);

describe('principalsOf', () => {
  it('reads the names of each kind', () => {
    const resource = { schemas: [], id: '1', displayName: 'Shown' };
    const found = principalsOf({
      user_name: [{ ...resource, userName: 'u' }],
      group_name: [resource],
      service_principal_name: [{ ...resource, applicationId: 's' }]
    });
    expect(found.map(({ kind, name }) => [kind, name])).toEqual([
      ['user_name', 'u'],
      ['group_name', 'Shown'],
      ['service_principal_name', 's']
    ]);
  });
});

describe('entries', () => {
  it('tell the owner and what is inherited from what was granted', () => {
    expect(entries.map(({ displayName, level, origin }) => [displayName, level, origin])).toEqual([
      ['ann', 'CAN_MANAGE', 'owner'],
      ['Bob Miller', 'CAN_RESTART', 'granted'],
      ['admins', 'CAN_MANAGE', 'inherited']
    ]);
  });

  it('are sent without the owner and what is inherited', () => {
    const request = requestOf(withPrincipal(entries, known[1]));
    expect(request).toEqual([
      { user_name: 'bob', permission_level: 'CAN_RESTART' },
      { group_name: 'data', permission_level: 'CAN_ATTACH_TO' }
    ]);
  });

  it('get a new one before those that are inherited', () => {
    const names = (list: readonly Entry[]) => list.map(({ name }) => name);
    expect(names(withPrincipal(entries, known[2]))).toEqual(['ann', 'bob', 'ci', 'admins']);
    expect(names(withPrincipal([], known[2]))).toEqual(['ci']);
  });

  it('know which groups are new', () => {
    expect(newGroups(entries, withPrincipal(entries, known[2]))).toEqual([]);
    expect(newGroups(entries, withPrincipal(entries, known[1])).map(({ name }) => name)).toEqual(['data']);
  });

  it('are found by what an error names', () => {
    expect(entryOf('Principal: UserName(bob) does not exist.', entries)?.name).toBe('bob');
    expect(entryOf('The store is full.', entries)).toBeUndefined();
  });
});

describe('suggestionsOf', () => {
  it.each([
    ['', []],
    [' ', []],
    ['a', ['data']],
    ['c', ['ci']],
    ['mill', []]
  ])('finds for %j names of people without an entry: %j', (query, names) => {
    expect(suggestionsOf(known, entries, query).map(({ name }) => name)).toEqual(names);
  });

  it('looks into names and display names', () => {
    expect(suggestionsOf(known, [], 'MILLER bob').map(({ name }) => name)).toEqual(['bob']);
  });
});
