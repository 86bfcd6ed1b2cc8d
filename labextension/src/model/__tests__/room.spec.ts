import { newDraft } from '../draft';
import { roomOf } from '../room';
import { catalogue, trans } from './samples';

describe('roomOf', () => {
  const draft = newDraft(catalogue.nodeTypes, 'etl');

  it('has no problem if the least that a cluster takes is free', () => {
    expect(
      roomOf({ ...draft, autoscales: true, minWorkers: '1', maxWorkers: '100' }, catalogue, null, trans)
    ).toMatchObject({
      problem: '',
      shares: { cores: { least: 2, most: 101, capacity: { total: 8, free: 6 } } }
    });
  });

  it('says what is lacking', () => {
    const room = roomOf({ ...draft, workers: '6' }, catalogue, null, trans);
    expect(room!.problem).toContain(
      'Takes 7 cores, but 6 cores are free. Takes 14 GiB, but 12 GiB are free. Choose fewer'
    );
  });

  it('counts what an edited cluster holds as free, up to all there is', () => {
    const held = { cores: 9, memory_mib: 2048 };
    const room = roomOf({ ...draft, workers: '6' }, catalogue, held, trans);
    expect(room).toMatchObject({ problem: '', shares: { cores: { capacity: { free: 8 } } } });
  });

  it('refuses nothing where the capacity is unknown', () => {
    const limits = { autotermination_minutes: { least: 10, most: 10000 } };
    expect(roomOf({ ...draft, workers: '600' }, { ...catalogue, limits }, null, trans)!.problem).toBe('');
  });

  it('is unknown while a number is invalid', () => {
    expect(roomOf({ ...draft, workers: 'x' }, catalogue, null, trans)).toBeNull();
  });
});
