import { linesOf, matching } from '../logLines';

const TEXT = [
  'Spark Command: java -cp',
  '26/01/31 10:00:00 INFO Utils: Successfully started service',
  '26/01/31 10:00:01 WARN NativeCodeLoader: Unable to load',
  '26/01/31 10:00:02 ERROR Executor: Exception in task 0.0',
  'java.lang.ArithmeticException: / by zero',
  '\tat Main.main(Main.java:1)',
  'Caused by: an error',
  'plain text',
  ''
].join('\n');

describe('linesOf', () => {
  it('gives each line the level of its message, and a stack trace that of its error', () => {
    const levels = linesOf(TEXT).map(({ level }) => level);
    expect(levels).toEqual(['other', 'info', 'warn', 'error', 'error', 'error', 'error', 'other']);
  });
});

describe('matching', () => {
  it('filters by level and phrase, and keeps line numbers', () => {
    const lines = linesOf(TEXT);
    expect(matching(lines, ['warn', 'error'], '').map(({ number }) => number)).toEqual([2, 3, 4, 5, 6]);
    expect(matching(lines, null, ' STARTED service ').map(({ number }) => number)).toEqual([1]);
  });
});
