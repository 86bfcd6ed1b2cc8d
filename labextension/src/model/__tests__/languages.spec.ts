import { mimeTypeOf } from '../languages';

describe('mimeTypeOf', () => {
  it.each([
    ['%sql\nSELECT 1', 'text/x-sql'],
    ['%%sql\nSELECT 1', 'text/x-sql'],
    ['\n# About it\n%sql SELECT 1', 'text/x-sql'],
    ['%md # A title', 'text/x-ipythongfm'],
    ['%sh -e\nls', 'text/x-sh'],
    ['%scala\nval x = 1', 'text/x-scala'],
    ['%r\nx <- 1', 'text/x-rsrc'],
    ['%python\nx = 1', 'text/x-ipython'],
    ['%sqlx', null],
    ['x = 1\n%sql SELECT 1', null],
    ['', null]
  ])('finds the language of %j', (source, type) => {
    expect(mimeTypeOf(source)).toBe(type);
  });
});
