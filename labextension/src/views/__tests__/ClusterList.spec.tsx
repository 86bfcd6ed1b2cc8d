import { framePromise } from '@jupyterlab/testing';
import { Signal } from '@lumino/signaling';
import { Widget } from '@lumino/widgets';

import type { Cluster } from '../../services/wire';
import { ClusterListWidget } from '../ClusterListWidget';
import { aCluster, catalogue, trans } from './samples';

describe('ClusterListWidget', () => {
  let all: Cluster[];
  let list: ClusterListWidget;
  const changed = new Signal<object, void>({});
  const onVerb = jest.fn();

  const draw = async () => {
    changed.emit();
    await framePromise();
    await list.renderPromise;
    return list.node.textContent ?? '';
  };

  beforeEach(() => {
    onVerb.mockReset().mockResolvedValue(undefined);
    const model = {
      changed,
      get all() {
        return all;
      },
      trouble: '',
      catalogue,
      watch: () => ({ isDisposed: false, dispose: () => undefined })
    };
    list = new ClusterListWidget(model, trans, {
      doing: verb => `${verb}ing`,
      onVerb,
      onMenu: jest.fn(),
      onCreate: jest.fn()
    });
    Widget.attach(list, document.body);
  });

  afterEach(() => list.dispose());

  it('teaches while there is none', async () => {
    all = [];
    expect(await draw()).toContain('No clusters yet');
  });

  it('folds terminated ones away', async () => {
    all = [aCluster(), aCluster({ cluster_id: '2', cluster_name: 'old', state: 'TERMINATED' })];
    const text = await draw();
    expect(text).toContain('1 terminated');
    expect(text).not.toContain('old');
  });

  it('tells why one failed', async () => {
    const reason = { code: 'SPARK_STARTUP_FAILURE', type: 'SERVICE_FAULT' };
    all = [aCluster({ state: 'TERMINATED', state_message: 'No Java.', termination_reason: reason })];
    expect(await draw()).toContain('No Java.');
  });

  it('says in the row what was refused', async () => {
    all = [aCluster()];
    onVerb.mockRejectedValue(new Error('It is RESTARTING.'));
    await draw();
    list.node.querySelector<HTMLButtonElement>('button[aria-label="Terminate"]')!.click();
    await framePromise();
    expect(await draw()).toContain('It is RESTARTING.');
    expect(onVerb).toHaveBeenCalledWith('terminate', all[0]);
  });
});
