/**
 * Fields of JupyterLab's toolkit with a label above, and a hint or an error below.
 */
import {
  Checkbox as ToolkitCheckbox,
  type CheckboxElement,
  NumberField,
  type NumberFieldElement,
  Option,
  Radio,
  RadioGroup,
  type RadioGroupElement,
  Select as ToolkitSelect,
  type SelectElement,
  TextArea,
  type TextAreaElement,
  TextField,
  type TextFieldElement
} from '@jupyter/react-components';
import * as React from 'react';

import { useSynced } from './useSynced';

interface FieldProps {
  label: string;
  value: string;
  error?: string;
  hint?: string;
  disabled?: boolean;
  onChange(value: string): void;
}

interface InlineProps {
  /** true = the label is for screen readers only */
  isInline?: boolean;
}

type ValueEvent = { target: unknown };

const valueOf = (event: ValueEvent) => (event.target as HTMLInputElement).value;

/** The hint or the error below a control. */
function Below({ error, hint }: { error?: string; hint?: string }): JSX.Element {
  return (
    <>
      {hint && !error && <span className="jp-Dbx-hint">{hint}</span>}
      <FieldError text={error} />
    </>
  );
}

/** The text of an error; nothing if there is none. */
export function FieldError({ text }: { text?: string }): JSX.Element | null {
  return text ? (
    <span className="jp-Dbx-error" role="alert">
      {text}
    </span>
  ) : null;
}

/** A line of text. */
export function TextInput(
  props: FieldProps & InlineProps & { autoFocus?: boolean; placeholder?: string }
): JSX.Element {
  const { label, value, error, hint, disabled, isInline, autoFocus, placeholder, onChange } = props;
  const field = useSynced<TextFieldElement, 'value'>('value', value);
  React.useEffect(() => {
    if (autoFocus) {
      field.current?.focus(); // its own `autofocus` is read before React sets it
    }
  }, [autoFocus, field]);
  return (
    <div className="jp-Dbx-field">
      <TextField
        ref={field}
        value={value}
        disabled={disabled}
        placeholder={placeholder}
        aria-invalid={!!error}
        aria-label={isInline ? label : undefined}
        onInput={(event: ValueEvent) => onChange(valueOf(event))}
      >
        {!isInline && label}
      </TextField>
      <Below error={error} hint={hint} />
    </div>
  );
}

/** A whole number with a stepper. */
export function Stepper(props: FieldProps & InlineProps & { min: number }): JSX.Element {
  const { label, value, error, hint, disabled, min, isInline, onChange } = props;
  const field = useSynced<NumberFieldElement, 'value'>('value', value);
  return (
    <div className="jp-Dbx-field jp-Dbx-stepper">
      <NumberField
        ref={field}
        value={value}
        min={min}
        disabled={disabled}
        aria-label={isInline ? label : undefined}
        aria-invalid={!!error}
        onInput={(event: ValueEvent) => onChange(valueOf(event))}
      >
        {!isInline && label}
      </NumberField>
      <Below error={error} hint={hint} />
    </div>
  );
}

/** Several lines of text, in a monospace font. */
export function CodeArea(props: FieldProps & { rows: number }): JSX.Element {
  const { label, value, error, hint, rows, onChange } = props;
  const field = useSynced<TextAreaElement, 'value'>('value', value);
  return (
    <div className="jp-Dbx-field">
      <TextArea
        ref={field}
        className="jp-Dbx-codeArea"
        value={value}
        rows={rows}
        resize="vertical"
        spellcheck={false}
        aria-invalid={!!error}
        onInput={(event: ValueEvent) => onChange(valueOf(event))}
      >
        {label}
      </TextArea>
      <Below error={error} hint={hint} />
    </div>
  );
}

/** An option: its value and its label. */
export type Choice = readonly [value: string, label: string];

interface SelectProps extends Omit<FieldProps, 'hint'> {
  choices: readonly Choice[];
}

/** One of many. */
export function Select(props: SelectProps & InlineProps): JSX.Element {
  const { label, value, error, disabled, choices, isInline, onChange } = props;
  const field = useSynced<SelectElement, 'value'>('value', value);
  return (
    <div className="jp-Dbx-field">
      {!isInline && (
        <span className="jp-Dbx-label" aria-hidden="true">
          {label}
        </span>
      )}
      <ToolkitSelect
        className="jp-Dbx-select"
        ref={field}
        aria-label={label}
        disabled={disabled}
        onChange={(event: ValueEvent) => onChange(valueOf(event))}
      >
        {choices.map(([choice, words]) => (
          <Option key={choice} value={choice} selected={choice === value}>
            {words}
          </Option>
        ))}
      </ToolkitSelect>
      <FieldError text={error} />
    </div>
  );
}

/** One of a few that exclude each other. */
export function RadioChoice({ label, value, choices, onChange }: SelectProps): JSX.Element {
  const field = useSynced<RadioGroupElement, 'value'>('value', value);
  return (
    <RadioGroup
      ref={field}
      className="jp-Dbx-radio"
      aria-label={label}
      value={value}
      onChange={(event: ValueEvent) => onChange(valueOf(event))}
    >
      {choices.map(([choice, words]) => (
        <Radio key={choice} value={choice}>
          {words}
        </Radio>
      ))}
    </RadioGroup>
  );
}

interface CheckboxProps {
  label: string;
  checked: boolean;
  onChange(checked: boolean): void;
}

/** Yes or no. */
export function Checkbox({ label, checked, onChange }: CheckboxProps): JSX.Element {
  const field = useSynced<CheckboxElement, 'checked'>('checked', checked);
  return (
    <ToolkitCheckbox ref={field} onChange={(event: ValueEvent) => onChange((event.target as HTMLInputElement).checked)}>
      {label}
    </ToolkitCheckbox>
  );
}
