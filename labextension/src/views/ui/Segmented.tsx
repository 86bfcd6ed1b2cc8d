/**
 * A choice of one view or filter among a few: buttons in one frame.
 */
import { Button } from '@jupyter/react-components';
import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

import type { Choice } from './Fields';

interface SegmentedProps {
  label: string;
  value: string;
  choices: readonly Choice[];
  /** true = only the current choice is possible */
  disabled?: boolean;
  onChange(value: string): void;
}

/** Return the choice between a form and its JSON. */
export function viewChoices(trans: TranslationBundle): readonly Choice[] {
  return [
    ['form', trans.__('Form')],
    ['json', trans.__('JSON')]
  ];
}

/** Buttons of which one is pressed. */
export function Segmented({ label, value, choices, disabled, onChange }: SegmentedProps): JSX.Element {
  return (
    <div className="jp-Dbx-segmented" role="group" aria-label={label}>
      {choices.map(([choice, words]) => (
        <Button
          key={choice}
          appearance="stealth"
          aria-pressed={choice === value}
          className={choice === value ? 'jp-mod-pressed' : ''}
          disabled={disabled && choice !== value}
          onClick={() => onChange(choice)}
        >
          {words}
        </Button>
      ))}
    </div>
  );
}
