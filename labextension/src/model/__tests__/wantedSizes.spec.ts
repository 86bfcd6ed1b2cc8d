import { WantedSizes } from '../wantedSizes';

describe('WantedSizes', () => {
  const request = jest.fn();
  const onChange = jest.fn();
  let wanted: WantedSizes;

  beforeEach(() => {
    jest.useFakeTimers();
    request.mockReset().mockResolvedValue(undefined);
    wanted = new WantedSizes(request, onChange);
  });

  afterEach(() => jest.useRealTimers());

  it('makes one request of several clicks, and one for each cluster', async () => {
    wanted.choose('a', 3);
    wanted.choose('a', 4);
    wanted.choose('b', 1);
    expect(wanted.of('a')).toBe(4);
    expect(request).not.toHaveBeenCalled();

    await jest.runAllTimersAsync();
    expect(request.mock.calls).toEqual([
      ['a', 4],
      ['b', 1]
    ]);
    expect(wanted.of('a')).toBeUndefined();
  });

  it('keeps a number that is chosen while a request runs', async () => {
    let settle: () => void;
    request.mockReturnValueOnce(new Promise<void>(resolve => (settle = resolve)));
    wanted.choose('a', 3);
    jest.runAllTimers();
    wanted.choose('a', 4);
    settle!();
    await Promise.resolve();

    expect(wanted.of('a')).toBe(4);
    await jest.runAllTimersAsync();
    expect(request).toHaveBeenLastCalledWith('a', 4);
  });

  it('requests nothing after its panel is closed', () => {
    wanted.choose('a', 3);
    wanted.dispose();
    jest.runAllTimers();
    expect(request).not.toHaveBeenCalled();
  });
});
