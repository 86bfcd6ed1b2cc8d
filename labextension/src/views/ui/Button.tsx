/**
 * Buttons of JupyterLab's toolkit: with a text, or with an icon alone.
 */
import { Button as ToolkitButton } from '@jupyter/react-components';
import type { LabIcon } from '@jupyterlab/ui-components';
import * as React from 'react';

/** What a button does: the main thing, something else, or what ends or deletes. */
export type Purpose = 'primary' | 'neutral' | 'danger';

const LOOKS = { primary: 'accent', neutral: 'neutral', danger: 'outline' } as const;

interface ButtonProps {
  purpose?: Purpose;
  icon?: LabIcon;
  type?: 'submit' | 'button';
  disabled?: boolean;
  /** tooltip; of a disabled button, the reason */
  title?: string;
  /** why it cannot be used, e.g. by this user: disables it, and is its tooltip; "" = it can */
  refusal?: string;
  hasMenu?: boolean;
  children: React.ReactNode;
  onClick?(event: React.MouseEvent<HTMLElement>): void;
}

/** A button with a text, and an icon before it. */
export function Button(props: ButtonProps): JSX.Element {
  const { purpose = 'neutral', icon: Icon, type = 'button', hasMenu, refusal, children, ...rest } = props;
  return (
    <ToolkitButton
      className={`jp-Dbx-button${purpose === 'danger' ? ' jp-mod-danger' : ''}`}
      appearance={LOOKS[purpose]}
      type={type}
      {...rest}
      {...(refusal && refused(refusal))}
      {...(hasMenu && { 'aria-haspopup': 'menu' })}
    >
      {Icon && <Icon.react tag="span" slot="start" className="jp-Dbx-buttonIcon" />}
      {children}
    </ToolkitButton>
  );
}

/** Return the attributes of a button that says why it is disabled. */
function refused(refusal: string): object {
  return { disabled: true, title: refusal, 'aria-description': refusal };
}

interface IconButtonProps {
  icon: LabIcon;
  /** name for screen readers, and the tooltip */
  label: string;
  disabled?: boolean;
  /** as of `Button` */
  refusal?: string;
  isDanger?: boolean;
  hasMenu?: boolean;
  /** true or false = it is a toggle */
  isPressed?: boolean;
  onClick(event: React.MouseEvent<HTMLElement>): void;
}

/** A button with an icon alone. */
export function IconButton(props: IconButtonProps): JSX.Element {
  const { icon: Icon, label, disabled, refusal, isDanger, hasMenu, isPressed, onClick } = props;
  return (
    <ToolkitButton
      className={`jp-Dbx-iconButton${isDanger ? ' jp-mod-danger' : ''}`}
      appearance="stealth"
      title={label}
      aria-label={label}
      disabled={disabled}
      onClick={onClick}
      {...(refusal && refused(refusal))}
      {...(isPressed !== undefined && { 'aria-pressed': isPressed })}
      {...(hasMenu && { 'aria-haspopup': 'menu' })}
    >
      <Icon.react tag="span" stylesheet="listing" />
    </ToolkitButton>
  );
}
