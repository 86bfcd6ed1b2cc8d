import { framePromise } from '@jupyterlab/testing';
import { Signal } from '@lumino/signaling';
import { Widget } from '@lumino/widgets';

import { aCluster, catalogue, trans } from '../../../model/__tests__/samples';
import type { Cluster } from '../../../model/wire';
import { AttachPrompt } from '../AttachPrompt';

describe('AttachPrompt', () => {
  const changed = new Signal<object, void>({});
  const onRun = jest.fn();
  const onCreate = jest.fn();
  let all: Cluster[];
  let attached: string;
  let prompt: AttachPrompt;

  const draw = async () => {
    changed.emit();
    await framePromise();
    await prompt.renderPromise;
    return prompt.node.textContent ?? '';
  };
  const button = () => prompt.node.querySelector<HTMLElement & { disabled: boolean }>('jp-button')!;

  beforeEach(() => {
    [all, attached] = [[], ''];
    onRun.mockReset().mockResolvedValue(undefined);
    const clusters = {
      changed,
      catalogue,
      get all() {
        return all;
      },
      find: (id: string) => all.find(cluster => cluster.cluster_id === id)
    };
    prompt = new AttachPrompt({ clusters, changed, trans, attached: () => attached, onRun, onCreate });
    Widget.attach(prompt, document.body);
  });

  afterEach(() => prompt.dispose());

  it('offers to create a cluster if there is none', async () => {
    expect(await draw()).toBe('Create cluster');
    button().click();
    expect(onCreate).toHaveBeenCalled();
  });

  it('offers the running cluster, and runs on it', async () => {
    const old = aCluster({ cluster_id: '2', cluster_name: 'old', state: 'TERMINATED', terminated_time: 1e12 });
    all = [old, aCluster()];
    prompt.following = 2;
    const text = await draw();
    expect(text).toContain('etl');
    expect(text).toContain('Attach and run');
    expect(text).toContain('and 2 more cells');
    button().click();
    expect(onRun).toHaveBeenCalledWith(all[1]);
  });

  it('starts a terminated cluster', async () => {
    all = [aCluster({ state: 'TERMINATED' })];
    expect(await draw()).toContain('Start, attach and run');
  });

  it('only runs once the notebook is attached', async () => {
    all = [aCluster(), aCluster({ cluster_id: '2', cluster_name: 'web', state: 'PENDING' })];
    attached = '2';
    expect(await draw()).toBe('webRun');
  });
});
