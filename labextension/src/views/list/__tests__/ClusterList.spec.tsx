import { framePromise } from '@jupyterlab/testing';
import { Signal } from '@lumino/signaling';
import { Widget } from '@lumino/widgets';

import type { Cluster } from '../../../model/wire';
import { ClusterListWidget } from '../ClusterListWidget';
import { aCluster, catalogue, trans } from '../../../model/__tests__/samples';

describe('ClusterListWidget', () => {
  let all: Cluster[];
  let list: ClusterListWidget;
  const changed = new Signal<object, void>({});
  const onAction = jest.fn();
  const onResize = jest.fn();

  const draw = async () => {
    changed.emit();
    await framePromise();
    await list.renderPromise;
    return list.node.textContent ?? '';
  };

  beforeEach(() => {
    onAction.mockReset().mockResolvedValue(undefined);
    const model = {
      changed,
      get all() {
        return all;
      },
      user: 'ada',
      problem: '',
      catalogue,
      watch: () => ({ isDisposed: false, dispose: () => undefined })
    };
    list = new ClusterListWidget(model, trans, {
      pendingWord: action => `${action}ing`,
      onAction,
      onResize,
      resizingWord: 'Resizing',
      onMenu: jest.fn(),
      onCreate: jest.fn()
    });
    Widget.attach(list, document.body);
  });

  afterEach(() => list.dispose());

  it('explains clusters while there are none', async () => {
    all = [];
    expect(await draw()).toContain('No clusters yet');
  });

  it('folds terminated clusters away', async () => {
    all = [aCluster(), aCluster({ cluster_id: '2', cluster_name: 'old', state: 'TERMINATED' })];
    const text = await draw();
    expect(text).toContain('1 terminated');
    expect(text).not.toContain('old');
  });

  it('shows why a cluster failed', async () => {
    const reason = { code: 'SPARK_STARTUP_FAILURE', type: 'SERVICE_FAULT', parameters: {} };
    all = [aCluster({ state: 'TERMINATED', state_message: 'No Java.', termination_reason: reason })];
    expect(await draw()).toContain('No Java.');
  });

  it('shows the error of a request in the row', async () => {
    all = [aCluster()];
    onAction.mockRejectedValue(new Error('It is RESTARTING.'));
    await draw();
    list.node.querySelector<HTMLElement>('jp-button[aria-label="Terminate"]')!.click();
    await framePromise();
    expect(await draw()).toContain('It is RESTARTING.');
    expect(onAction).toHaveBeenCalledWith('terminate', all[0]);
  });
  it('resizes a cluster once after several clicks, and shows the error', async () => {
    all = [aCluster({ node_type_id: 'local-1c' })];
    onResize.mockRejectedValue(new Error('No room.'));
    await draw();
    const more = list.node.querySelector<HTMLElement>('[aria-label="Add a worker"]')!;
    more.click();
    await draw();
    more.click();
    expect(await draw()).toContain('4 workers · 1 core, 2 GiB each');
    expect(onResize).not.toHaveBeenCalled();

    await new Promise(resolve => setTimeout(resolve, 1000));
    expect(onResize.mock.calls).toEqual([[all[0], 4]]);
    const text = await draw();
    expect(text).toContain('2 workers');
    expect(text).toContain('No room.');
  });

  it('shows why a cluster has no more workers, and then adds none', async () => {
    all = [aCluster()]; // its nodes have 16 GiB each
    await draw();
    const more = list.node.querySelector<HTMLElement>('[aria-label="Add a worker"]')!;
    more.click();
    expect(await draw()).toContain('2 workers');
    expect(more.getAttribute('aria-disabled')).toBe('true');
    expect(more.title).toContain('Another worker needs 4 cores, 16 GiB.');
  });
});
