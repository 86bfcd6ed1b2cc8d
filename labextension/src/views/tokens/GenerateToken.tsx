/**
 * The form that generates a token, and shows its value once.
 */
import { checkIcon, copyIcon } from '@jupyterlab/ui-components';
import * as React from 'react';

import { Button } from '../ui/Button';
import { FieldError, Stepper, TextInput } from '../ui/Fields';
import { useSubmit } from '../useSubmit';
import type { TokenProps } from './tokens';

/** Lifetime that is proposed, days. Source: Databricks' own form. */
const PROPOSED_DAYS = '90';

const DAY_S = 86_400;

type GenerateProps = Pick<TokenProps, 'host' | 'trans' | 'create' | 'copy'> & { onCreated(): void };

/** The form, or the value of the token that it has generated. */
export function GenerateToken(props: GenerateProps): JSX.Element {
  const { trans, create, onCreated } = props;
  const [comment, setComment] = React.useState('');
  const [days, setDays] = React.useState(PROPOSED_DAYS);
  const [value, setValue] = React.useState('');
  const { serverError, isSending, send, clearError } = useSubmit(async () => {
    setValue((await create(comment, days.trim() ? Number(days) * DAY_S : null)).token_value);
    setComment('');
    onCreated();
  });
  if (value) {
    return <NewToken {...props} value={value} onClose={() => setValue('')} />;
  }
  const isBad = !/^\s*([1-9]\d*)?\s*$/.test(days);
  const errorAt = (field: string) => (serverError?.field === field ? serverError.message : undefined);
  const isPlaced = ['comment', 'lifetime_seconds'].includes(serverError?.field ?? '');
  const change = (set: (text: string) => void) => (text: string) => {
    clearError();
    set(text);
  };
  return (
    <form
      className="jp-Dbx-newToken"
      noValidate
      onSubmit={event => {
        event.preventDefault();
        if (!isBad) {
          void send(undefined);
        }
      }}
    >
      <TextInput
        label={trans.__('Comment')}
        placeholder={trans.__('What the token is for')}
        value={comment}
        error={errorAt('comment')}
        onChange={change(setComment)}
      />
      <Stepper
        label={trans.__('Lifetime (days)')}
        min={1}
        value={days}
        hint={trans.__('Empty: as long as allowed')}
        error={isBad ? trans.__('Enter a number of days.') : errorAt('lifetime_seconds')}
        onChange={change(setDays)}
      />
      <Button type="submit" purpose="primary" disabled={isBad || isSending}>
        {trans.__('Generate new token')}
      </Button>
      {!isPlaced && <FieldError text={serverError?.message} />}
    </form>
  );
}

function NewToken(props: GenerateProps & { value: string; onClose(): void }): JSX.Element {
  const { host, trans, copy, value, onClose } = props;
  const [isCopied, setIsCopied] = React.useState(false);
  return (
    <div className="jp-Dbx-problem" role="status">
      <p>{trans.__('Copy the token now: it cannot be shown again.')}</p>
      <p className="jp-Dbx-buttons">
        <code>{value}</code>
        <Button
          purpose="primary"
          icon={isCopied ? checkIcon : copyIcon}
          onClick={() => {
            copy(value);
            setIsCopied(true);
          }}
        >
          {isCopied ? trans.__('Copied') : trans.__('Copy')}
        </Button>
        <Button onClick={onClose}>{trans.__('Done')}</Button>
      </p>
      <p className="jp-Dbx-hint">
        {trans.__('Clients read it from %1, and the server from %2:', 'DATABRICKS_TOKEN', 'DATABRICKS_HOST')}{' '}
        <code>{host}</code>
      </p>
    </div>
  );
}
