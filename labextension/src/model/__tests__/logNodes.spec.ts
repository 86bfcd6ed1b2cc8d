import type { LogFile } from '../wire';
import { mostUseful, nodesOf } from '../logNodes';
import { trans } from './samples';

const file = (path: string, live: boolean, size = 1): LogFile => ({
  path,
  live,
  size,
  role: path.includes('/driver/') ? 'driver' : 'worker',
  modified_time: 0
});

describe('nodesOf', () => {
  it('has the running driver first, and numbers workers', () => {
    const files = [
      file('w2/worker/stderr', true),
      file('d1/driver/stderr', false),
      file('w1/worker/stdout', true),
      file('w1/worker/stderr', true),
      file('d2/driver/stderr', true)
    ];
    expect(nodesOf(files, trans).map(({ label, files }) => [label, files.length])).toEqual([
      ['Driver', 1],
      ['Worker 1', 2],
      ['Worker 2', 1],
      ['Driver (ended)', 1]
    ]);
  });
});

describe('mostUseful', () => {
  it('prefers the log of a running process, then one with content', () => {
    expect(mostUseful([file('a/b/stdout', true, 0), file('a/b/stderr', true), file('a/c/x', false)])).toBe(
      'a/b/stderr'
    );
    expect(mostUseful([])).toBe('');
  });
});
