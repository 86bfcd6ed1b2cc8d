import { matching, Variable } from '../variables';

const variable = (name: string, type: string, columns: [string, string][] = []): Variable => ({
  name,
  type,
  about: '',
  columns,
  is_table: columns.length > 0
});

const ALL = [variable('n', 'int'), variable('orders', 'DataFrame', [['Amount', 'double']]), variable('names', 'list')];

test.each([
  ['', ['n', 'orders', 'names']],
  ['N', ['n', 'orders', 'names']],
  ['dataframe', ['orders']],
  [' amount ', ['orders']],
  ['nothing', []]
])('variables match %j by name, type or column', (text, names) => {
  expect(matching(ALL, text).map(({ name }) => name)).toEqual(names);
});
