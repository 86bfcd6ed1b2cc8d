/**
 * The field that finds users, groups and service principals, and adds one.
 */
import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

import { Entry, Principal, suggestionsOf } from '../../model/sharing';
import { TextInput } from '../ui/Fields';
import { PrincipalWords } from './EntryRow';

interface AddPrincipalProps {
  known: readonly Principal[];
  /** who need not be added again */
  entries: readonly Entry[];
  trans: TranslationBundle;
  onAdd(principal: Principal): void;
}

/** The field, with suggestions below it; Enter adds the first one, and the arrow keys move through them. */
export function AddPrincipal({ known, entries, trans, onAdd }: AddPrincipalProps): JSX.Element {
  const [query, setQuery] = React.useState('');
  const box = React.useRef<HTMLDivElement>(null);
  const found = suggestionsOf(known, entries, query);
  const add = (principal: Principal) => {
    onAdd(principal);
    setQuery('');
    box.current?.querySelector<HTMLElement>('jp-text-field')?.focus();
  };
  const onKey = (event: React.KeyboardEvent<HTMLElement>) => {
    const stops = [...event.currentTarget.querySelectorAll<HTMLElement>('jp-text-field, button')];
    const index = stops.findIndex(stop => stop.contains(document.activeElement));
    if (event.key === 'Enter' && index === 0) {
      event.preventDefault(); // not the form's button
      if (found.length) {
        add(found[0]);
      }
    } else if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
      event.preventDefault();
      stops[index + (event.key === 'ArrowDown' ? 1 : -1)]?.focus();
    }
  };
  return (
    <div ref={box} className="jp-Dbx-add" onKeyDown={onKey}>
      <TextInput
        label={trans.__('Add people or groups')}
        placeholder={trans.__('Name of a user, group or service principal')}
        value={query}
        onChange={setQuery}
      />
      {query.trim() !== '' && (
        <ul className="jp-Dbx-suggestions" aria-label={trans.__('Suggestions')}>
          {found.map(principal => (
            <li key={`${principal.kind} ${principal.name}`}>
              <button type="button" onClick={() => add(principal)}>
                <PrincipalWords principal={principal} note="" trans={trans} />
              </button>
            </li>
          ))}
          {found.length === 0 && (
            <li className="jp-Dbx-hint" role="status">
              {trans.__('Nobody else of this name has used this workspace.')}
            </li>
          )}
        </ul>
      )}
    </div>
  );
}
