/**
 * The fields of the cluster form, in sections.
 */
import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

import type { Catalogue } from '../../model/catalogue';
import type { Draft } from '../../model/draft';
import type { FieldErrors } from '../../model/validation';
import { nodeWords } from '../../model/words';
import { Checkbox, Choice, CodeArea, FieldError, RadioChoice, Select, Stepper, TextInput } from '../ui/Fields';

interface FieldsProps {
  catalogue: Catalogue;
  draft: Draft;
  errors: FieldErrors;
  trans: TranslationBundle;
  change(changes: Partial<Draft>): void;
}

/** All fields, for everything that a draft has. */
export function Fields(props: FieldsProps): JSX.Element {
  const { draft, errors, trans, change } = props;
  return (
    <>
      <TextInput
        label={trans.__('Name')}
        value={draft.name}
        error={errors.name}
        autoFocus
        onChange={name => change({ name })}
      />
      <Section title={trans.__('Nodes')}>
        <ClusterMode {...props} />
        <NodeTypes {...props} />
        {!draft.singleNode && <Workers {...props} />}
      </Section>
      <Section title={trans.__('Termination')}>
        <Termination {...props} />
      </Section>
      <Advanced {...props} />
    </>
  );
}

function Section({ title, children }: { title: string; children: React.ReactNode }): JSX.Element {
  return (
    <fieldset className="jp-Dbx-section">
      <legend>{title}</legend>
      {children}
    </fieldset>
  );
}

function ClusterMode({ draft, trans, change }: FieldsProps): JSX.Element {
  return (
    <div>
      <RadioChoice
        label={trans.__('Cluster mode')}
        value={draft.singleNode ? 'single' : 'multi'}
        choices={[
          ['multi', trans.__('Multi node')],
          ['single', trans.__('Single node')]
        ]}
        onChange={mode => change({ singleNode: mode === 'single' })}
      />
      <div className="jp-Dbx-hint">
        {draft.singleNode
          ? trans.__('One node schedules tasks and runs them: for small data.')
          : trans.__('The driver schedules tasks and the workers run them.')}
      </div>
    </div>
  );
}

function NodeTypes({ catalogue, draft, errors, trans, change }: FieldsProps): JSX.Element {
  const types: Choice[] = catalogue.nodeTypes.map(({ node_type_id: id }) => [
    id,
    `${nodeWords(id, catalogue.nodeTypes, trans)} (${id})`
  ]);
  return (
    <div className="jp-Dbx-columns">
      <Select
        label={draft.singleNode ? trans.__('Node type') : trans.__('Worker type')}
        error={errors.nodeType}
        value={draft.nodeType}
        choices={types}
        onChange={nodeType => change({ nodeType })}
      />
      {!draft.singleNode && (
        <Select
          label={trans.__('Driver type')}
          error={errors.driverType}
          value={draft.driverType}
          choices={[['', trans.__('Same as worker')], ...types]}
          onChange={driverType => change({ driverType })}
        />
      )}
    </div>
  );
}

function Workers({ draft, errors, trans, change }: FieldsProps): JSX.Element {
  return (
    <fieldset>
      <div className="jp-Dbx-columns">
        {draft.autoscales ? (
          <>
            <Stepper
              label={trans.__('Min workers')}
              value={draft.minWorkers}
              min={0}
              onChange={minWorkers => change({ minWorkers })}
            />
            <Stepper
              label={trans.__('Max workers')}
              value={draft.maxWorkers}
              min={1}
              onChange={maxWorkers => change({ maxWorkers })}
            />
          </>
        ) : (
          <Stepper
            label={trans.__('Workers')}
            value={draft.workers}
            min={1}
            onChange={workers => change({ workers })}
          />
        )}
      </div>
      <Checkbox
        label={trans.__('Enable autoscaling')}
        checked={draft.autoscales}
        onChange={autoscales => change({ autoscales })}
      />
      <FieldError text={errors.workers} />
    </fieldset>
  );
}

/** "Terminate after N minutes of inactivity". */
function Termination({ draft, errors, trans, change }: FieldsProps): JSX.Element {
  return (
    <fieldset>
      <div className="jp-Dbx-inline">
        <Checkbox
          label={trans.__('Terminate after')}
          checked={draft.autoTerminates}
          onChange={autoTerminates => change({ autoTerminates })}
        />
        <Stepper
          label={trans.__('minutes of inactivity')}
          isInline
          value={draft.minutes}
          min={1}
          disabled={!draft.autoTerminates}
          onChange={minutes => change({ minutes })}
        />
        <span aria-hidden="true">{trans.__('minutes of inactivity')}</span>
      </div>
      <FieldError text={errors.minutes} />
    </fieldset>
  );
}

function Advanced({ draft, errors, trans, change }: FieldsProps): JSX.Element {
  const pairs = (field: 'conf' | 'env' | 'tags', label: string, hint: string) => (
    <CodeArea
      label={label}
      error={errors[field]}
      hint={hint}
      rows={3}
      value={draft[field]}
      onChange={value => change({ [field]: value })}
    />
  );
  const isUsed = [draft.conf, draft.env, draft.tags].some(value => value);
  return (
    <details open={isUsed || undefined}>
      <summary>{trans.__('Advanced: Spark config, environment variables, tags')}</summary>
      {pairs('conf', trans.__('Spark config'), trans.__('One property per line: key, a space or =, value.'))}
      {pairs('env', trans.__('Environment variables'), trans.__('One variable per line: NAME=value.'))}
      {pairs('tags', trans.__('Tags'), trans.__('One tag per line: key=value.'))}
    </details>
  );
}
