import { Draft, newDraft } from '../draft';
import { formFieldOf, validate } from '../validation';
import { catalogue, trans } from './samples';

const draft = newDraft(catalogue.nodeTypes, 'etl');
const errorsOf = (changes: Partial<Draft>) => validate({ ...draft, ...changes }, catalogue, trans, ['taken']);

describe('validate', () => {
  it.each<[Partial<Draft>, string]>([
    [{ name: ' ' }, 'name'],
    [{ name: 'taken' }, 'name'],
    [{ workers: '0' }, 'workers'],
    [{ workers: '' }, 'workers'],
    [{ autoscales: true, minWorkers: '-1' }, 'workers'],
    [{ autoscales: true, minWorkers: '5', maxWorkers: '4' }, 'workers'],
    [{ minutes: '9' }, 'minutes'],
    [{ conf: 'a' }, 'conf'],
    [{ env: 'A=1\nA=2' }, 'env'],
    [{ tags: 'a' }, 'tags']
  ])('finds the error of %j', (changes, field) => {
    expect(Object.keys(errorsOf(changes))).toEqual([field]);
  });

  it.each<Partial<Draft>>([
    { autoscales: true, minWorkers: '0', maxWorkers: '1' },
    { singleNode: true, workers: '' },
    { autoTerminates: false, minutes: '' }
  ])('accepts %j', changes => {
    expect(errorsOf(changes)).toEqual({});
  });

  it('describes errors', () => {
    expect(errorsOf({ name: '', minutes: '9', conf: 'a', env: 'A=1\nA=2' })).toEqual({
      name: 'Enter a name.',
      minutes: 'Must be between 10 and 10000 minutes.',
      conf: 'Line 1: enter a key and a value, separated by a space or =.',
      env: 'Line 2: A is set more than once.'
    });
  });
});

describe('formFieldOf', () => {
  it.each([
    ['cluster_name', 'name'],
    ['num_workers', 'workers'],
    ['autoscale.max_workers', 'workers'],
    ['driver_node_type_id', 'driverType'],
    ['spark_conf', 'conf'],
    ['spark_conf.spark.executor.cores', 'conf'],
    ['spark_conf["spark.executor.cores"]', 'conf'],
    ['init_scripts', null],
    ['', null]
  ])('puts an error about %s at %s', (path, field) => {
    expect(formFieldOf(path, draft)).toBe(field);
  });

  it('finds no field that the form hides', () => {
    expect(formFieldOf('num_workers', { ...draft, singleNode: true })).toBeNull();
  });
});
