import { nullTranslator } from '@jupyterlab/translation';

import { chartsOfStream } from '../stream';

test('a stream has charts of its rates and of its durations', () => {
  const [rates, durations] = chartsOfStream(
    [
      [10, 5, 4.5, 100],
      [11, null, 6, null]
    ],
    nullTranslator.load('')
  );

  expect(rates.times).toEqual([10, 11]);
  expect(rates.lines.map(({ values }) => values)).toEqual([
    [5, null],
    [4.5, 6]
  ]);
  expect(durations.lines.map(({ values }) => values)).toEqual([[100, null]]);
});
