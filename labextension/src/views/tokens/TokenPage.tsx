/**
 * The user's access tokens: list, generate, revoke.
 */
import type { TranslationBundle } from '@jupyterlab/translation';
import { closeIcon, ReactWidget } from '@jupyterlab/ui-components';
import * as React from 'react';

import type { TokenDetails } from '../../model/wire';
import { timeWords } from '../../model/words';
import { Problem } from '../Problem';
import { Table } from '../Table';
import { IconButton } from '../ui/Button';
import { EmptyState } from '../ui/marks';
import { useLoaded } from '../useLoaded';
import { GenerateToken } from './GenerateToken';
import type { TokenProps } from './tokens';

/** The page as a widget. */
export class TokenPageWidget extends ReactWidget {
  constructor(private readonly props: TokenProps) {
    super();
    this.addClass('jp-Dbx-pageTab');
  }

  protected render(): JSX.Element {
    return <TokenPage {...this.props} />;
  }
}

function TokenPage(props: TokenProps): JSX.Element {
  const { trans, load, revoke } = props;
  const { value: tokens, problem, reload } = useLoaded(load);
  return (
    <div className="jp-Dbx-page jp-Dbx-tokens">
      <h2>{trans.__('Access tokens')}</h2>
      <p>
        {trans.__(
          'A token acts for you in programs: databricks-sdk, the command line, CI. Whoever has it can do what you can.'
        )}
      </p>
      <GenerateToken {...props} onCreated={reload} />
      <Problem text={problem} />
      {tokens?.length === 0 && <EmptyState title={trans.__('No tokens yet')} />}
      {tokens && tokens.length > 0 && (
        <TokenTable tokens={tokens} trans={trans} onRevoke={token => void revoke(token).finally(reload)} />
      )}
    </div>
  );
}

interface TokenTableProps {
  tokens: readonly TokenDetails[];
  trans: TranslationBundle;
  onRevoke(token: TokenDetails): void;
}

function TokenTable({ tokens, trans, onRevoke }: TokenTableProps): JSX.Element {
  const headers = [
    trans.__('Comment'),
    trans.__('Created'),
    trans.__('Expires'),
    trans.__('Last used'),
    trans.__('Revoke')
  ];
  return (
    <Table headers={headers}>
      {tokens.map(token => (
        <tr key={token.token_id}>
          <td>{token.comment || <code>{token.token_id.slice(0, 8)}</code>}</td>
          <td>{timeWords(token.creation_time)}</td>
          <td>{token.expiry_time < 0 ? trans.__('Never') : timeWords(token.expiry_time)}</td>
          <td>{token.last_used_day ? timeWords(token.last_used_day) : trans.__('Never')}</td>
          <td>
            <IconButton
              icon={closeIcon}
              isDanger
              label={trans.__('Revoke %1', token.comment || token.token_id)}
              onClick={() => onRevoke(token)}
            />
          </td>
        </tr>
      ))}
    </Table>
  );
}
