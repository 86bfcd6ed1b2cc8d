/**
 * Who may use a cluster: the list of people and groups with their levels, as it is edited and saved.
 */
import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

import { Entry, entriesOf, entryOf, isSame, newGroups, Principal, withPrincipal } from '../../model/sharing';
import type { ObjectPermissions } from '../../model/wire';
import { Problem } from '../Problem';
import { Button } from '../ui/Button';
import { FieldError } from '../ui/Fields';
import { useLoaded } from '../useLoaded';
import { useSubmit } from '../useSubmit';
import { AddPrincipal } from './AddPrincipal';
import { EntryRow } from './EntryRow';

/** What the form needs. */
export interface ShareProps {
  /** the cluster's owner */
  owner: string;
  trans: TranslationBundle;
  loadPermissions(): Promise<ObjectPermissions>;
  /** Return everybody who is known. */
  loadPrincipals(): Promise<Principal[]>;
  /** Rejects with the error of the server. */
  onSave(entries: readonly Entry[]): Promise<void>;
  onClose(): void;
}

/** The form. */
export function ShareForm(props: ShareProps): JSX.Element {
  const { trans, onSave, onClose } = props;
  const { known, before, entries, isLoading, problem, isEdited, edit } = useEntries(props);
  const [isAsking, setIsAsking] = React.useState(false);
  const { serverError, send, clearError } = useSubmit(onSave);
  const groups = newGroups(before, entries);
  const change = (changed: readonly Entry[]) => {
    clearError();
    setIsAsking(false);
    edit(changed);
  };
  const save = async () => {
    if (groups.length && !isAsking) {
      setIsAsking(true);
    } else if (await send(entries)) {
      onClose();
    }
  };
  const blamed = entryOf(serverError?.message ?? '', entries);
  return (
    <form
      className="jp-Dbx-shareForm"
      noValidate
      onSubmit={event => {
        event.preventDefault();
        void save();
      }}
    >
      <p>
        {trans.__(
          'Notebooks on one cluster share one Java process: whoever may attach can reach the data of the others’ sessions.'
        )}
      </p>
      <AddPrincipal {...{ known, entries, trans }} onAdd={principal => change(withPrincipal(entries, principal))} />
      <Problem text={problem} />
      <ul className="jp-Dbx-grants" tabIndex={-1} aria-label={trans.__('Who has access')} aria-busy={isLoading}>
        {entries.map(entry => (
          <EntryRow
            key={`${entry.kind} ${entry.name}`}
            entry={entry}
            trans={trans}
            error={entry === blamed ? serverError?.message : undefined}
            onLevel={level => change(entries.map(other => (other === entry ? { ...entry, level } : other)))}
            onRemove={() => change(entries.filter(other => !isSame(other, entry)))}
          />
        ))}
      </ul>
      {isAsking && <Question groups={groups} trans={trans} />}
      {!blamed && <FieldError text={serverError?.message} />}
      <Buttons isAsking={isAsking} canSave={isEdited} trans={trans} onClose={onClose} />
    </form>
  );
}

interface ButtonsProps {
  isAsking: boolean;
  canSave: boolean;
  trans: TranslationBundle;
  onClose(): void;
}

function Buttons({ isAsking, canSave, trans, onClose }: ButtonsProps): JSX.Element {
  return (
    <div className="jp-Dbx-buttons">
      <Button
        type="submit"
        purpose={isAsking ? 'danger' : 'primary'}
        refusal={canSave ? '' : trans.__('Nothing has changed.')}
      >
        {isAsking ? trans.__('Share with everyone in the group') : trans.__('Save')}
      </Button>
      <Button onClick={onClose}>{trans.__('Cancel')}</Button>
    </div>
  );
}

/** The entries of the list, as loaded and as edited. */
interface Entries {
  known: readonly Principal[];
  before: readonly Entry[];
  entries: readonly Entry[];
  isLoading: boolean;
  problem: string;
  isEdited: boolean;
  edit(entries: readonly Entry[]): void;
}

function useEntries({ owner, loadPermissions, loadPrincipals }: ShareProps): Entries {
  const load = React.useCallback(
    () => Promise.all([loadPermissions(), loadPrincipals()]),
    [loadPermissions, loadPrincipals]
  );
  const { value, problem } = useLoaded(load);
  const [edited, edit] = React.useState<readonly Entry[] | null>(null);
  const [permissions, known] = value ?? [null, []];
  const before = permissions ? entriesOf(permissions, owner, known) : [];
  return {
    known,
    before,
    entries: edited ?? before,
    isLoading: !value && !problem,
    problem,
    isEdited: edited !== null,
    edit
  };
}

/** Asks a second time before whole groups can attach. */
function Question({ groups, trans }: { groups: readonly Entry[]; trans: TranslationBundle }): JSX.Element {
  const names = groups.map(({ name }) => name).join(', ');
  return (
    <div className="jp-Dbx-problem" role="alert">
      {trans.__(
        'Everyone in %1, now and later, can attach notebooks and reach the data of the others’ sessions. Share the cluster with them?',
        names
      )}
    </div>
  );
}
