import { columnIds, wordsOf } from '../gridState';
import { numberText } from '../profile';

describe('columns', () => {
  it('have ids of their own, also of equal names', () => {
    const columns = ['a', '', 'a', '#'].map(name => ({ name, type: 'int', kind: 'number' as const }));
    expect(columnIds(columns)).toEqual([':a', ':', '2:a', ':#']);
  });
});

describe('search', () => {
  it.each([
    ['UA  2026 ', ['UA', '2026']],
    ['"New York" jfk', ['New York', 'jfk']],
    ['"', []]
  ])('%s has words', (search, words) => expect(wordsOf(search)).toEqual(words));
});

describe('numbers of a profile', () => {
  it.each([
    [1234567, '1,234,567'],
    [1234567.891, '1,234,568'],
    [12345.6789, '12,345.7'],
    [0.1234567, '0.123457'],
    [0.0000123, '1.23e-5'],
    [2.5e20, '2.5e+20'],
    [0, '0'],
    ['1152921504606846976', '1,152,921,504,606,846,976'],
    ['-1234.5600', '-1,234.56'],
    ['NaN', 'NaN'],
    [null, '–']
  ])('%s has one format', (number, text) => expect(numberText(number, 'number')).toBe(text));

  it('are not made of texts', () => expect(numberText('1234567', 'text')).toBe('1234567'));
});
