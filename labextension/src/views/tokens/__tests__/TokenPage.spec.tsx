import { framePromise } from '@jupyterlab/testing';
import { Widget } from '@lumino/widgets';

import { trans } from '../../../model/__tests__/samples';
import { ApiError } from '../../../model/errors';
import type { TokenDetails } from '../../../model/wire';
import { TokenPageWidget } from '../TokenPage';

const aToken: TokenDetails = { token_id: 'abcdef0123', comment: 'ci', creation_time: 0, expiry_time: -1 };

describe('TokenPage', () => {
  let page: TokenPageWidget;
  let tokens: TokenDetails[];
  const create = jest.fn();
  const revoke = jest.fn();
  const copy = jest.fn();

  const draw = async () => {
    for (let frame = 0; frame < 3; frame++) {
      await framePromise();
    }
    await page.renderPromise;
  };
  const buttonOf = (label: string) =>
    [...page.node.querySelectorAll<HTMLElement>('jp-button')].find(
      found => (found.getAttribute('aria-label') ?? found.textContent.trim()) === label
    )!;
  const press = (label: string) => {
    buttonOf(label).click();
    return draw();
  };
  const fill = (element: string, value: string) => {
    const field = page.node.querySelector<HTMLInputElement>(element)!;
    field.value = value;
    field.dispatchEvent(new Event('input', { bubbles: true }));
    return draw();
  };

  beforeEach(async () => {
    tokens = [];
    create.mockReset().mockImplementation(async () => {
      tokens = [aToken];
      return { token_value: 'dapi1', token_info: aToken };
    });
    revoke.mockReset().mockImplementation(async () => {
      tokens = [];
    });
    copy.mockReset();
    page = new TokenPageWidget({ host: 'http://h/', trans, load: async () => tokens, create, revoke, copy });
    Widget.attach(page, document.body);
    await draw();
  });

  afterEach(() => page.dispose());

  it('shows the value of a new token once', async () => {
    expect(page.node.textContent).toContain('No tokens yet');
    await fill('jp-text-field', 'ci');
    await press('Generate new token');
    expect(create).toHaveBeenCalledWith('ci', 90 * 86_400);
    await press('Copy');
    expect(copy).toHaveBeenCalledWith('dapi1');
    await press('Done');
    expect(page.node.textContent).not.toContain('dapi1');
    expect(page.node.querySelector('tbody')!.textContent).toMatch(/^ci.*NeverNever/);
  });

  it('asks the server for the longest lifetime if none is entered', async () => {
    await fill('jp-number-field', '');
    await press('Generate new token');
    expect(create).toHaveBeenCalledWith('', null);
  });

  it.each([
    ['lifetime_seconds', '.jp-Dbx-stepper [role=alert]'],
    ['comment', '.jp-Dbx-field [role=alert]'],
    ['', 'form > [role=alert]']
  ])('shows an error about %j at its place', async (field, place) => {
    create.mockRejectedValue(new ApiError('Too long.', { code: 'INVALID_PARAMETER_VALUE', status: 400, field }));
    await press('Generate new token');
    expect(page.node.querySelector(place)!.textContent).toBe('Too long.');
    expect(page.node.querySelectorAll('[role=alert]')).toHaveLength(1);
  });

  it('no longer lists a token after it was revoked', async () => {
    await press('Generate new token');
    await press('Done');
    await press('Revoke ci');
    expect(revoke).toHaveBeenCalledWith(aToken);
    expect(page.node.textContent).toContain('No tokens yet');
  });
});
