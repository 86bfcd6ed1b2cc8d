import { framePromise } from '@jupyterlab/testing';
import { ReactWidget } from '@jupyterlab/ui-components';
import { Widget } from '@lumino/widgets';
import * as React from 'react';

import { aCluster, trans } from '../../../model/__tests__/samples';
import { pageBelow, SparkUiFrame } from '../SparkUi';

const ROOT = '/base/api/dbx/clusters/1/spark-ui/';
const HERE = window.location.origin;

describe('pageBelow', () => {
  it.each([
    ['/jobs/job/?id=3', 'jobs/job/?id=3'],
    ['/', ''],
    ['/stages/../jobs/', 'jobs/'],
    ['/%2e%2e/%2e%2e/x', ''],
    ['/../../../../../logout', ''],
    ['./../logout', ''],
    ['//evil.example/', '/evil.example/'],
    ['/http://evil.example/', 'http://evil.example/']
  ])('leads %s below the root', (path, below) => {
    expect(pageBelow(ROOT, path)).toBe(HERE + ROOT + below);
  });
});

describe('SparkUiFrame', () => {
  let tab: ReactWidget;
  const frame = () => tab.node.querySelector('iframe') as HTMLIFrameElement;
  const tell = (source: Window | null, data: unknown) =>
    window.dispatchEvent(new MessageEvent('message', { source, data }));

  beforeEach(async () => {
    const cluster = aCluster({ spark_ui_url: 'x' });
    tab = ReactWidget.create(<SparkUiFrame cluster={cluster} root={ROOT} path="jobs/" trans={trans} />);
    Widget.attach(tab, document.body);
    for (let frames = 0; frames < 200 && !frame(); frames++) {
      await framePromise();
    }
  });

  afterEach(() => tab.dispose());

  it('shows pages that are no pages of Jupyter', () => {
    expect(frame().src).toBe(`${HERE}${ROOT}jobs/`);
    expect(frame().getAttribute('sandbox')?.split(' ')).not.toContain('allow-same-origin');
  });

  it('loads a page anew that has expired', () => {
    tell(frame().contentWindow, { type: 'jupyter-dbx:expired', path: '/stages/' });

    expect(frame().src).toBe(`${HERE}${ROOT}stages/`);
  });

  it.each([[{ type: 'other', path: '/stages/' }], [null], ['jupyter-dbx:expired']])('ignores %p', data => {
    tell(frame().contentWindow, data);

    expect(frame().src).toBe(`${HERE}${ROOT}jobs/`);
  });

  it('ignores what other frames say', () => {
    tell(window, { type: 'jupyter-dbx:expired', path: '/stages/' });

    expect(frame().src).toBe(`${HERE}${ROOT}jobs/`);
  });
});
