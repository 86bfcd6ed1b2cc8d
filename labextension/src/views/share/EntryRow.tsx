/**
 * One user or group with its level.
 */
import type { TranslationBundle } from '@jupyterlab/translation';
import { closeIcon, LabIcon, userIcon, usersIcon } from '@jupyterlab/ui-components';
import * as React from 'react';

import { Level, levelName, LEVELS } from '../../model/permissions';
import type { Entry, Principal } from '../../model/sharing';
import { IconButton } from '../ui/Button';
import { FieldError, Select } from '../ui/Fields';

interface EntryRowProps {
  entry: Entry;
  trans: TranslationBundle;
  /** of the server, about this entry */
  error?: string;
  onLevel(level: Level): void;
  onRemove(): void;
}

/** The row. */
export function EntryRow({ entry, trans, error, onLevel, onRemove }: EntryRowProps): JSX.Element {
  const isFixed = entry.origin !== 'granted';
  return (
    <li className="jp-Dbx-grant">
      <PrincipalWords principal={entry} note={originWords(entry, trans)} trans={trans} />
      {isFixed ? (
        <span className="jp-Dbx-grantLevel">{levelName(entry.level, trans)}</span>
      ) : (
        <>
          <Select
            label={trans.__('Permission of %1', entry.name)}
            isInline
            value={entry.level}
            choices={LEVELS.map(level => [level, levelName(level, trans)])}
            onChange={level => onLevel(level as Level)}
          />
          <IconButton
            icon={closeIcon}
            label={trans.__('Remove %1', entry.name)}
            onClick={event => {
              event.currentTarget.closest('ul')?.focus(); // else the focus would leave the dialog with this button
              onRemove();
            }}
          />
        </>
      )}
      <FieldError text={error} />
    </li>
  );
}

/** Icon and names of a principal. */
export function PrincipalWords(props: { principal: Principal; note: string; trans: TranslationBundle }): JSX.Element {
  const { principal, note, trans } = props;
  const { kind, name, displayName } = principal;
  const Icon: LabIcon = kind === 'group_name' ? usersIcon : userIcon;
  const what = {
    user_name: '',
    group_name: trans.__('Group'),
    service_principal_name: trans.__('Service principal')
  }[kind];
  const notes = [what, displayName === name ? '' : name, note].filter(text => text);
  return (
    <span className="jp-Dbx-principal">
      <Icon.react tag="span" className="jp-Dbx-buttonIcon" />
      <span className="jp-Dbx-name" title={name}>
        {displayName}
      </span>
      {notes.length > 0 && <span className="jp-Dbx-hint">{notes.join(' · ')}</span>}
    </span>
  );
}

function originWords({ origin }: Entry, trans: TranslationBundle): string {
  return { owner: trans.__('Owner'), inherited: trans.__('Inherited by every cluster'), granted: '' }[origin];
}
