import { framePromise } from '@jupyterlab/testing';
import { Widget } from '@lumino/widgets';

import { catalogue, trans } from '../../../model/__tests__/samples';
import { newDraft } from '../../../model/draft';
import { ApiError } from '../../../model/errors';
import { ClusterFormWidget } from '../ClusterFormWidget';

const CONTROLS = 'jp-text-field, jp-number-field, jp-text-area, jp-select, jp-radio-group, jp-checkbox';

describe('ClusterForm', () => {
  let form: ClusterFormWidget;
  const onSubmit = jest.fn();

  const draw = async () => {
    for (let frame = 0; frame < 3; frame++) {
      await framePromise();
    }
    await form.renderPromise;
  };
  /** Return the toolkit's control with a label, which is its own text or belongs to screen readers. */
  const control = (label: string) =>
    [...form.node.querySelectorAll<HTMLInputElement>(CONTROLS)].find(
      found => (found.ariaLabel ?? found.getAttribute('aria-label') ?? found.textContent.trim()) === label
    )!;
  const change = (input: HTMLInputElement, value: string) => {
    input.value = value;
    input.dispatchEvent(new Event('input', { bubbles: true }));
    return draw();
  };
  const press = (label: string) => {
    [...form.node.querySelectorAll<HTMLElement>('jp-button')]
      .find(({ textContent }) => textContent.trim() === label)!
      .click();
    return draw();
  };

  beforeEach(async () => {
    onSubmit.mockReset().mockResolvedValue(undefined);
    form = new ClusterFormWidget({
      catalogue,
      initial: newDraft(catalogue.nodeTypes, 'etl'),
      old: {},
      held: null,
      startsNodes: true,
      taken: [],
      trans,
      submitLabel: 'Create',
      warning: '',
      onSubmit,
      onCancel: jest.fn()
    });
    Widget.attach(form, document.body);
    await draw();
  });

  afterEach(() => form.dispose());

  it('has the fields of a cluster', () => {
    const labels = [...form.node.querySelectorAll(CONTROLS)].map(
      found => found.getAttribute('aria-label') ?? found.textContent.trim()
    );
    expect(labels).toEqual([
      'Name',
      'Cluster mode',
      'Worker type',
      'Driver type',
      'Workers',
      'Enable autoscaling',
      'Terminate after',
      'minutes of inactivity',
      'Spark config',
      'Environment variables',
      'Tags'
    ]);
    expect(form.node.textContent).toContain('Total: 3 nodes, 3 cores, 6 GiB.');
  });

  it('refuses more than is free, with the reason', async () => {
    await change(control('Workers'), '9');
    const create = form.node.querySelector('jp-button[type=submit]')!;
    expect(create.hasAttribute('disabled')).toBe(true);
    expect(create.getAttribute('title')).toContain('Takes 10 cores, but 6 cores are free.');
    await press('Create');
    expect(onSubmit).not.toHaveBeenCalled();

    await change(control('Workers'), '2');
    expect(create.hasAttribute('disabled')).toBe(false);
  });

  it('submits the spec', async () => {
    await change(control('Workers'), '3');
    await press('Create');
    expect(onSubmit).toHaveBeenCalledWith(expect.objectContaining({ cluster_name: 'etl', num_workers: 3 }));
  });

  it.each([
    ['autotermination_minutes', 'minutes of inactivity'],
    ['num_workers', 'Workers'],
    ['spark_conf', 'Spark config']
  ])('shows an error about %s at its field until the form changes', async (field, label) => {
    onSubmit.mockRejectedValue(new ApiError('Not allowed.', { code: 'INVALID_PARAMETER_VALUE', status: 400, field }));
    await press('Create');
    const alert = form.node.querySelector('[role=alert]')!;
    expect(alert.textContent).toBe('Not allowed.');
    expect(alert.closest('fieldset, .jp-Dbx-field')!.contains(control(label))).toBe(true);

    await change(control('Name'), 'new');
    expect(form.node.querySelector('[role=alert]')).toBeNull();
  });

  it('shows an error about no field above its buttons', async () => {
    onSubmit.mockRejectedValue(new ApiError('spark_conf is full.', { code: 'INTERNAL_ERROR', status: 500 }));
    await press('Create');
    expect(form.node.querySelector('.jp-Dbx-summary > [role=alert]')!.textContent).toBe('spark_conf is full.');
  });

  it('is edited as JSON, too', async () => {
    await press('JSON');
    const text = control('Request body of the Clusters API');
    expect(JSON.parse(text.value)).toMatchObject({ cluster_name: 'etl', num_workers: 2 });

    await change(text, '{');
    expect(form.node.querySelector('[role=alert]')!.textContent).toContain('Not valid JSON');
    await change(text, '{"cluster_name": "a", "num_workers": 5, "policy_id": "p"}');
    await press('Form');
    expect(control('Workers').value).toBe('5');
    await press('Create');
    expect(onSubmit).toHaveBeenCalledWith(expect.objectContaining({ num_workers: 5, policy_id: 'p' }));
  });
});
