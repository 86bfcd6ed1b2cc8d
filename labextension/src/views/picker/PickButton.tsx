/**
 * The button that shows a chosen cluster and opens the list to choose another one.
 */
import { caretDownEmptyIcon } from '@jupyterlab/ui-components';
import * as React from 'react';

import { Health, StateDot } from '../ui/marks';

interface PickButtonProps {
  health: Health;
  text: string;
  /** name for screen readers */
  label: string;
  title: string;
  onClick(button: HTMLElement): void;
}

/** A state, a name and a caret. */
export function PickButton({ health, text, label, title, onClick }: PickButtonProps): JSX.Element {
  return (
    <button
      className="jp-Dbx-pick"
      aria-haspopup="dialog"
      aria-label={label}
      title={title}
      // An open list keeps the focus, and so is not open any more only once the click has closed it.
      onMouseDown={event => event.preventDefault()}
      onClick={event => onClick(event.currentTarget)}
    >
      <StateDot health={health} />
      <span className="jp-Dbx-pickName">{text}</span>
      <caretDownEmptyIcon.react tag="span" stylesheet="toolbarButton" />
    </button>
  );
}
