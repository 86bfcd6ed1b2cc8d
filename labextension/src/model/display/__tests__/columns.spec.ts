import { itemsOf, matchingItems, MAX_ADDED, withColumns, witnessOf } from '../columns';

const all = ['id', 'Price', 'price_net'].map(name => ({ name, type: 'int' }));
const ids = [':id', ':Price', ':price_net'];
const loaded = new Set([':id', ':Price']);

describe('the list of columns', () => {
  it('says which are shown: those loaded, without the hidden ones, and those added', () => {
    const shown = (state: object) => itemsOf(all, ids, 2, state).map(({ isShown }) => isShown);
    expect(shown({})).toEqual([true, true, false]);
    expect(shown({ hidden: [':id'], added: [':price_net'] })).toEqual([false, true, true]);
    expect(shown({ hidden: [':price_net'], added: [':price_net'] })).toEqual([true, true, false]);
  });

  it('is searched in any case', () => {
    const items = itemsOf(all, ids, 2, {});
    expect(matchingItems(items, ' PRICE').map(({ name }) => name)).toEqual(['Price', 'price_net']);
    expect(matchingItems(items, '')).toHaveLength(3);
  });
});

describe('chosen columns', () => {
  it('are hidden and shown, and the rest of the state is kept', () => {
    const widths = { ':id': 90 };
    const hidden = withColumns({ widths }, ids, false, loaded);
    expect(hidden).toEqual({ widths, hidden: [':id', ':Price'] }); // one that is not loaded is not shown anyway
    expect(withColumns(hidden, [':Price', ':price_net'], true, loaded)).toEqual({
      widths,
      hidden: [':id'],
      added: [':price_net']
    });
  });

  it('that were added can be hidden, too', () => {
    const state = withColumns({ added: [':price_net'] }, [':price_net'], false, loaded);
    expect(state).toEqual({ added: [':price_net'], hidden: [':price_net'] });
  });

  it('are limited where they must be loaded', () => {
    const many = Array.from({ length: 2 * MAX_ADDED }, (_, index) => `:c${index}`);
    expect(withColumns({}, [':id', ...many], true, loaded).added).toEqual(many.slice(0, MAX_ADDED));
  });
});

describe('the witness of rows', () => {
  const column = (kind: 'number' | 'text' | 'time') => ({ name: '', type: '', kind });

  it('is the column with the most values that are never cut', () => {
    const columns = [column('text'), column('number'), column('time')];
    const cells = [
      ['a', 'b', 'c'],
      [1, 1, 2],
      ['1', '2', '3']
    ];
    expect(witnessOf(columns, cells)).toBe(2);
  });

  it('is none where all may be cut, or there are no rows', () => {
    expect(witnessOf([column('text')], [['a']])).toBeNull();
    expect(witnessOf([column('number')], [[]])).toBeNull();
  });
});
