import { parsePairs } from '../pairs';

describe('parsePairs', () => {
  it('reads keys and values, and skips comments', () => {
    expect(parsePairs('a b\n# c\n\nd=e=f')).toEqual({ pairs: { a: 'b', d: 'e=f' }, badLine: 0 });
  });

  it.each([
    ['a b\n\nc', { badLine: 3 }],
    ['a b\na=c', { badLine: 2, repeatedKey: 'a' }]
  ])('finds the bad line of %j', (text, found) => {
    expect(parsePairs(text)).toEqual({ pairs: { a: 'b' }, ...found });
  });
});
