import { framePromise } from '@jupyterlab/testing';
import { Signal } from '@lumino/signaling';

import { aCluster, catalogue, trans } from '../../../model/__tests__/samples';
import { toggleChooser } from '../ChooserPopup';

const all = [
  aCluster({ cluster_id: '1', cluster_name: 'etl' }),
  aCluster({ cluster_id: '2', cluster_name: 'web' }),
  aCluster({ cluster_id: '3', cluster_name: 'old', state: 'TERMINATED' })
];

describe('the list of clusters', () => {
  const onChoose = jest.fn();
  const run = jest.fn();
  let button: HTMLButtonElement;

  const field = () => document.querySelector<HTMLInputElement>('.jp-Dbx-chooserSearch');
  const options = () => [...document.querySelectorAll<HTMLElement>('[role="option"]')];
  const activeText = () =>
    document.getElementById(field()!.getAttribute('aria-activedescendant') ?? '')?.getAttribute('aria-label');
  const press = async (...keys: string[]) => {
    for (const key of keys) {
      field()!.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true }));
      await framePromise();
    }
  };
  const type = async (text: string) => {
    const set = Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, 'value')!.set!;
    set.call(field(), text);
    field()!.dispatchEvent(new Event('input', { bubbles: true }));
    await framePromise();
  };

  const toggle = async () => {
    toggleChooser(button, {
      clusters: { all, catalogue, changed: new Signal<object, void>({}) },
      chosen: '2',
      actions: [{ label: 'Detach', run }],
      trans,
      onChoose
    });
    await framePromise();
    await framePromise();
  };

  beforeEach(async () => {
    onChoose.mockReset();
    run.mockReset();
    button = document.body.appendChild(document.createElement('button'));
    await toggle();
  });

  afterEach(async () => {
    if (field()) {
      await press('Escape');
    }
    button.remove();
  });

  it('has the focus in its search field, and marks the current cluster', () => {
    expect(document.activeElement).toBe(field());
    expect(activeText()).toBe('web (Running) · 2 workers · 4 cores, 16 GiB each');
    expect(options().map(option => option.getAttribute('aria-selected'))).toEqual(['false', 'true', 'false', 'false']);
    expect(options()[2].getAttribute('aria-label')).toContain('old (start and attach)');
  });

  it('is walked by the arrow keys, around its ends, and chosen from by Enter', async () => {
    await press('ArrowDown', 'ArrowDown');
    expect(activeText()).toBe('Detach');
    await press('ArrowDown');
    expect(activeText()).toContain('etl');
    await press('Enter');
    expect(onChoose).toHaveBeenCalledWith(all[0]);
    expect(field()).toBeNull();
    expect(document.activeElement).toBe(button);
  });

  it('filters while one types, and runs nothing if nothing matches', async () => {
    await type('ol');
    expect(options().map(option => option.getAttribute('aria-label')?.split(' ')[0])).toEqual(['old', 'Detach']);
    expect(activeText()).toContain('old');
    await type('nothing');
    await press('Enter');
    expect(onChoose).not.toHaveBeenCalled();
    expect(run).not.toHaveBeenCalled();
  });

  it('closes by Escape, by a second click, and when it loses the focus', async () => {
    await press('Escape');
    expect(field()).toBeNull();
    expect(document.activeElement).toBe(button);
    await toggle();
    expect(field()).not.toBeNull();
    await toggle();
    expect(field()).toBeNull();
    await toggle();
    field()!.blur();
    await framePromise();
    expect(field()).toBeNull();
  });

  it('runs an action by a click', async () => {
    options()[3].click();
    await framePromise();
    expect(run).toHaveBeenCalledTimes(1);
    expect(field()).toBeNull();
  });
});
