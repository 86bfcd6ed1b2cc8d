import { demandOf, draftOf, freeName, newDraft, newSpec, specOf } from '../draft';
import type { Spec } from '../wire';
import { catalogue, trans } from './samples';
import { validate } from '../validation';

const types = catalogue.nodeTypes;
const old = { spark_version: '4.3.x-scala2.13' };

describe('draft', () => {
  it('is valid when it is new', () => {
    const draft = newDraft(types, 'etl');
    expect(validate(draft, catalogue, trans)).toEqual({});
    expect(specOf(draft, old)).toMatchObject({ cluster_name: 'etl', num_workers: 2, autotermination_minutes: 60 });
  });

  it.each<[Spec, Spec]>([
    [{}, { num_workers: 2, autotermination_minutes: 60 }],
    [
      { num_workers: 4, autotermination_minutes: 30 },
      { num_workers: 4, autotermination_minutes: 30 }
    ],
    [{ autoscale: { min_workers: 1, max_workers: 6 } }, { autoscale: { min_workers: 1, max_workers: 6 } }],
    [{ is_single_node: true }, { is_single_node: true, num_workers: 0 }],
    [
      { node_type_id: 'local-4c', policy_id: 'p' },
      { node_type_id: 'local-4c', num_workers: 2, policy_id: 'p' }
    ]
  ])('begins with the defaults %j', (defaults, spec) => {
    const initial = newSpec(types, 'etl', defaults);
    const shown = specOf(draftOf(initial, types), initial);
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

  it('has a demand', () => {
    const draft = { ...newDraft(types, 'etl'), autoscales: true, driverType: 'local-4c' };
    expect(demandOf(draft, types)).toEqual([
      { nodes: 2, cores: 5, memory_mib: 18432 },
      { nodes: 5, cores: 8, memory_mib: 24576 }
    ]);
    expect(demandOf({ ...draft, singleNode: true }, types)).toEqual([{ nodes: 1, cores: 4, memory_mib: 16384 }]);
    expect(demandOf({ ...draft, maxWorkers: 'x' }, types)).toEqual([]);
  });

  it('gets a name that is free', () => {
    expect(freeName(['cluster-1', 'cluster-3'])).toBe('cluster-2');
  });
});
