import { framePromise } from '@jupyterlab/testing';
import { Widget } from '@lumino/widgets';

import { trans } from '../../../model/__tests__/samples';
import { ApiError } from '../../../model/errors';
import type { Principal } from '../../../model/sharing';
import { ShareWidget } from '../ShareWidget';

const KNOWN: Principal[] = [
  { kind: 'user_name', name: 'bob', displayName: 'Bob' },
  { kind: 'group_name', name: 'data', displayName: 'data' }
];

const PERMISSIONS = {
  object_id: '/clusters/1',
  object_type: 'cluster',
  access_control_list: [
    { user_name: 'ann', display_name: 'ann', all_permissions: [{ permission_level: 'CAN_MANAGE', inherited: false }] },
    {
      group_name: 'admins',
      display_name: 'admins',
      all_permissions: [{ permission_level: 'CAN_MANAGE', inherited: true }]
    }
  ]
};

describe('ShareForm', () => {
  let form: ShareWidget;
  const onSave = jest.fn();
  const onClose = jest.fn();

  const draw = async () => {
    for (let frame = 0; frame < 3; frame++) {
      await framePromise();
    }
    await form.renderPromise;
  };
  const rows = () => [...form.node.querySelectorAll('.jp-Dbx-grant')];
  const press = (label: string) => {
    [...form.node.querySelectorAll<HTMLElement>('jp-button')]
      .find(found => (found.getAttribute('aria-label') ?? found.textContent.trim()) === label)!
      .click();
    return draw();
  };
  const type = async (query: string) => {
    const field = form.node.querySelector<HTMLInputElement>('jp-text-field')!;
    field.value = query;
    field.dispatchEvent(new Event('input', { bubbles: true }));
    await draw();
    return [...form.node.querySelectorAll<HTMLElement>('.jp-Dbx-suggestions button')];
  };
  const add = async (name: string) => {
    (await type(name))[0].click();
    await draw();
  };

  beforeEach(async () => {
    onSave.mockReset().mockResolvedValue(undefined);
    onClose.mockReset();
    form = new ShareWidget({
      owner: 'ann',
      trans,
      loadPermissions: async () => PERMISSIONS,
      loadPrincipals: async () => KNOWN,
      onSave,
      onClose
    });
    Widget.attach(form, document.body);
    await draw();
  });

  afterEach(() => form.dispose());

  it('shows the owner and inherited administrators, who cannot be removed', () => {
    expect(rows().map(row => row.textContent)).toEqual(['annOwnerCan Manage', expect.stringContaining('Inherited')]);
    expect(form.node.querySelectorAll('.jp-Dbx-grants jp-button, .jp-Dbx-grants jp-select')).toHaveLength(0);
    expect(form.node.textContent).toContain('share one Java process');
  });

  it('adds a user with the weakest level, and saves', async () => {
    const save = form.node.querySelector<HTMLButtonElement>('jp-button[type=submit]')!;
    expect([save.disabled, save.title]).toEqual([true, 'Nothing has changed.']);
    await add('bo');
    expect([save.disabled, save.title]).toEqual([false, '']);
    await press('Save');
    const added = { kind: 'user_name', name: 'bob', displayName: 'Bob', level: 'CAN_ATTACH_TO', origin: 'granted' };
    expect(onSave).toHaveBeenCalledWith(expect.arrayContaining([added]));
    expect(onClose).toHaveBeenCalledTimes(1);
  });

  it('asks a second time before it shares with a group', async () => {
    await add('data');
    await press('Save');
    expect(onSave).not.toHaveBeenCalled();
    expect(form.node.querySelector('[role=alert]')!.textContent).toContain('Everyone in data');
    await press('Share with everyone in the group');
    expect(onSave).toHaveBeenCalledTimes(1);
  });

  it('forgets the question when the list changes', async () => {
    await add('data');
    await press('Save');
    await press('Remove data');
    expect(form.node.querySelector('[role=alert]')).toBeNull();
    expect(rows()).toHaveLength(2);
  });

  it.each([
    ['UserName(bob) does not exist.', '.jp-Dbx-grant [role=alert]'],
    ['The store is full.', 'form > [role=alert]']
  ])('shows the error %j at its place', async (message, place) => {
    onSave.mockRejectedValue(new ApiError(message, { code: 'RESOURCE_DOES_NOT_EXIST', status: 404 }));
    await add('bob');
    await press('Save');
    expect(form.node.querySelector(place)!.textContent).toBe(message);
    expect(form.node.querySelectorAll('[role=alert]')).toHaveLength(1);
    expect(onClose).not.toHaveBeenCalled();
  });

  it('offers nobody twice', async () => {
    await add('bob');
    expect(await type('bob')).toHaveLength(0);
  });
});
