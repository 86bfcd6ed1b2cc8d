import { Cell, Column, compare, rowsOf, separated, textOf } from '../table';

const column = (name: string): Column => ({ name, type: 'string', kind: 'text' });

describe('cells', () => {
  it.each<[Column['kind'], Cell[]]>([
    ['number', [null, '-Infinity', -2, 0.5, 10, '9007199254740993', '9007199254740994', 'Infinity', 'NaN']],
    ['number', ['-1.50', '-1.49', '0.0000000001', '12345678901234567.8', '12345678901234567.9']],
    ['text', [null, '', '10', '9', 'a']],
    ['time', [null, '0001-01-01', '1899-12-31 00:00:00', '2026-01-01']],
    ['boolean', [null, false, true]]
  ])('of kind %s are sorted as in Spark: case %#', (kind, sorted) => {
    expect([...sorted].reverse().sort((a, b) => compare(kind, a, b))).toEqual(sorted);
    expect(sorted.map(cell => compare(kind, cell, cell))).toEqual(sorted.map(() => 0));
  });

  it('have a text', () => {
    expect(textOf(null)).toBe('null');
    expect(textOf(false)).toBe('false');
  });

  it('are transposed to rows', () => {
    expect(
      rowsOf([
        [1, 2],
        ['a', null]
      ])
    ).toEqual([
      [1, 'a'],
      [2, null]
    ]);
    expect(rowsOf([])).toEqual([]);
  });

  it('are exported as text for spreadsheets', () => {
    const rows = [
      ['a,b', 'say "x"', null],
      ['line\nbreak', '', true]
    ];
    expect(separated([column('1'), column('2'), column('a\tb')], rows, ',')).toBe(
      '1,2,a\tb\r\n"a,b","say ""x""",\r\n"line\nbreak",,true'
    );
    expect(separated([column('a\tb')], [['c,d']], '\t')).toBe('"a\tb"\nc,d');
  });
});
