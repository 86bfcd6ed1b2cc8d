/**
 * Buttons of JupyterLab's toolkit: with a text, or with an icon alone.
 */
import { Button as ToolkitButton } from '@jupyter/react-components';
import { caretDownEmptyIcon, LabIcon } from '@jupyterlab/ui-components';
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
  const { purpose = 'neutral', icon: Icon, type = 'button', hasMenu, children, onClick } = props;
  return (
    <ToolkitButton
      className={`jp-Dbx-button${purpose === 'danger' ? ' jp-mod-danger' : ''}`}
      appearance={LOOKS[purpose]}
      type={type}
      onClick={onClick}
      {...availability(props, props.title)}
      {...(hasMenu && { 'aria-haspopup': 'menu' })}
    >
      {Icon && <Icon.react tag="span" slot="start" className="jp-Dbx-buttonIcon" />}
      {children}
      {hasMenu && <caretDownEmptyIcon.react tag="span" slot="end" className="jp-Dbx-buttonIcon" />}
    </ToolkitButton>
  );
}

/** Return the attributes that tell whether a button is disabled, and why; none is left out, because the toolkit keeps the last. */
function availability(
  { disabled = false, refusal = '' }: Pick<ButtonProps, 'disabled' | 'refusal'>,
  title = ''
): object {
  return { disabled: disabled || refusal !== '', title: refusal || title, 'aria-description': refusal };
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
  const { icon: Icon, label, isDanger, hasMenu, isPressed, onClick } = props;
  return (
    <ToolkitButton
      className={`jp-Dbx-iconButton${isDanger ? ' jp-mod-danger' : ''}`}
      appearance="stealth"
      aria-label={label}
      onClick={onClick}
      {...availability(props, label)}
      {...(isPressed !== undefined && { 'aria-pressed': isPressed })}
      {...(hasMenu && { 'aria-haspopup': 'menu' })}
    >
      <Icon.react tag="span" stylesheet="listing" />
    </ToolkitButton>
  );
}
