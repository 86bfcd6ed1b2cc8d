/**
 * The variables of the current notebook; tables unfold to their columns.
 */
import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

import { matching, Variable, Variables as Found } from '../../model/variables';
import { Problem } from '../Problem';
import { TextInput } from '../ui/Fields';
import { EmptyState } from '../ui/marks';

interface VariablesProps {
  /** null = not yet loaded */
  found: Found | null;
  problem: string;
  /** shown in place of the list; "" = there may be variables */
  reason: string;
  trans: TranslationBundle;
}

/** The panel's content. */
export function Variables({ found, problem, reason, trans }: VariablesProps): JSX.Element {
  const [query, setQuery] = React.useState('');
  if (reason || (found?.total === 0 && !problem)) {
    return (
      <EmptyState title={reason ? trans.__('No variables') : trans.__('No variables yet')}>
        {reason || trans.__('Run a cell that assigns one.')}
      </EmptyState>
    );
  }
  const shown = matching(found?.variables ?? [], query);
  return (
    <>
      <div className="jp-Dbx-filter">
        <TextInput
          label={trans.__('Search variables by name, type or column')}
          isInline
          placeholder={trans.__('Search')}
          value={query}
          onChange={setQuery}
        />
      </div>
      <Problem text={problem} />
      <ul className="jp-Dbx-variables" aria-label={trans.__('Variables')}>
        {shown.map(variable => (
          <li key={variable.name}>{variable.is_table ? <Table {...variable} /> : <Line {...variable} />}</li>
        ))}
      </ul>
      {found && shown.length === 0 && <EmptyState title={trans.__('No variables match “%1”.', query)} />}
      {found && found.total > found.variables.length && (
        <p className="jp-Dbx-hint">{trans.__('First %1 of %2 variables', found.variables.length, found.total)}</p>
      )}
    </>
  );
}

function Line({ name, type, about }: Variable): JSX.Element {
  return (
    <div className="jp-Dbx-variable">
      <code title={name}>{name}</code>
      <span className="jp-mod-type">{type}</span>
      <span className="jp-mod-about" title={about}>
        {about}
      </span>
    </div>
  );
}

function Table(variable: Variable): JSX.Element {
  return (
    <details>
      <summary>
        <Line {...variable} />
      </summary>
      <ul>
        {variable.columns.map(([name, type], index) => (
          <li key={index} className="jp-Dbx-variable">
            <code title={name}>{name}</code>
            <span className="jp-mod-type" title={type}>
              {type}
            </span>
          </li>
        ))}
      </ul>
    </details>
  );
}
