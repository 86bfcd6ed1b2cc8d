import { check, demandOf, draftOf, fieldOf, freeName, newDraft, newSpec, readPairs, specOf } from '../draft';
import type { Spec } from '../../services/wire';
import { catalogue, trans } from './samples';

const types = catalogue.nodeTypes;
const old = { spark_version: '4.3.x-scala2.13' };

describe('draft', () => {
  it('is complete when it is new', () => {
    const draft = newDraft(types, 'etl');
    expect(check(draft, catalogue, trans)).toEqual({});
    expect(specOf(draft, old)).toMatchObject({ cluster_name: 'etl', num_workers: 2, autotermination_minutes: 60 });
  });

  it.each<[Spec, Spec]>([
    [{}, { num_workers: 2, autotermination_minutes: 60 }],
    [{ num_workers: 4, autotermination_minutes: 30 }, { num_workers: 4, autotermination_minutes: 30 }],
    [{ autoscale: { min_workers: 1, max_workers: 6 } }, { autoscale: { min_workers: 1, max_workers: 6 } }],
    [{ is_single_node: true }, { is_single_node: true, num_workers: 0 }],
    [{ node_type_id: 'local-4c', policy_id: 'p' }, { node_type_id: 'local-4c', num_workers: 2, policy_id: 'p' }]
  ])('begins with what somebody always wants: %j', (wanted, spec) => {
    const begun = newSpec(types, 'etl', wanted);
    const shown = specOf(draftOf(begun, types), begun);
    expect(shown).toMatchObject({ ...spec, cluster_name: 'etl' });
    expect('num_workers' in shown).toBe('num_workers' in spec);
  });

  it.each([
    { num_workers: 3 },
    { autoscale: { min_workers: 1, max_workers: 6 } },
    { is_single_node: true, num_workers: 0 },
    { num_workers: 1, driver_node_type_id: 'local-1c', autotermination_minutes: 0 },
    { num_workers: 1, spark_conf: { a: 'b = c' }, spark_env_vars: { X: '1' }, custom_tags: { team: 'a' } },
    { num_workers: 1, policy_id: 'kept', init_scripts: [{ workspace: {} }] }
  ])('gives back the spec %j', size => {
    const spec = {
      ...old,
      cluster_name: 'etl',
      node_type_id: 'local-4c',
      autotermination_minutes: 30,
      spark_conf: {},
      spark_env_vars: {},
      custom_tags: {},
      ...size
    };
    expect(specOf(draftOf(spec, types), spec)).toEqual(spec);
  });

  it.each([
    [{ name: ' ' }, 'name', 'Give it a name'],
    [{ workers: '0' }, 'workers', '1 or more'],
    [{ workers: '' }, 'workers', '1 or more'],
    [{ autoscales: true, minWorkers: '5', maxWorkers: '4' }, 'workers', 'not below the least'],
    [{ minutes: '9' }, 'minutes', 'Between 10 and 10000'],
    [{ conf: 'a' }, 'conf', 'Line 1'],
    [{ env: 'A=1\nA=2' }, 'env', 'A is there twice']
  ])('says what is wrong with %j', (changes, field, told) => {
    const found = check({ ...newDraft(types, 'etl'), ...changes }, catalogue, trans);
    expect(found[field as keyof typeof found]).toContain(told);
  });

  it('says that a name is taken', () => {
    expect(check(newDraft(types, 'etl'), catalogue, trans, ['etl']).name).toContain('already');
  });

  it.each([
    ['driver_node_type_id x is not offered here', 'driverType'],
    ['node_type_id x is not offered here', 'nodeType'],
    ['spark_conf may not set spark.executor.cores', 'conf'],
    ['A driver and 9 workers need … Free are 0 of 8', 'workers'],
    ['something else', null]
  ])('finds the field of the refusal "%s"', (message, field) => {
    expect(fieldOf(message)).toBe(field);
  });

  it('reads pairs with a space or =, and leaves comments out', () => {
    expect(readPairs('a b\n# c\n\nd=e=f')).toEqual({ pairs: { a: 'b', d: 'e=f' }, wrong: 0 });
  });

  it('knows what it takes', () => {
    const draft = { ...newDraft(types, 'etl'), autoscales: true, driverType: 'local-4c' };
    expect(demandOf(draft, types)).toEqual([
      [2, 5, 18432],
      [5, 8, 24576]
    ]);
  });

  it('finds a name that is free', () => {
    expect(freeName(['cluster-1', 'cluster-3'])).toBe('cluster-2');
  });
});
