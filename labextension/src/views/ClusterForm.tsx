/**
 * The form that describes a cluster, and the same as JSON.
 */
import type { TranslationBundle } from '@jupyterlab/translation';
import { HTMLSelect } from '@jupyterlab/ui-components';
import * as React from 'react';

import type { Catalogue, NodeType, Spec } from '../services/wire';
import { check, Complaints, demandOf, Draft, draftOf, Field, fieldOf, specOf } from './draft';
import { memoryWords, nodeWords } from './words';

/** What the form needs. */
export interface FormProps {
  catalogue: Catalogue;
  initial: Draft;
  /** what the form does not know and is kept */
  old: Spec;
  /** names of other clusters */
  taken: readonly string[];
  trans: TranslationBundle;
  submitLabel: string;
  /** said above the form, or "" */
  warning: string;
  /** Rejects with the server's refusal. */
  onSubmit(spec: Spec): Promise<void>;
  onCancel(): void;
}

/** Everything that can be chosen of a cluster. */
export function ClusterForm(props: FormProps): JSX.Element {
  const { catalogue, trans } = props;
  const [draft, setDraft] = React.useState(props.initial);
  const [old, setOld] = React.useState(props.old);
  const [json, setJson] = React.useState<string | null>(null);
  const [refusal, setRefusal] = React.useState('');
  const [waits, setWaits] = React.useState(false);
  const complaints = check(draft, catalogue, trans, props.taken);
  const refused = refusal && json === null ? fieldOf(refusal) : null;
  const parsed = json === null ? null : parse(json, trans);
  const isBad = parsed ? !!parsed.wrong : Object.keys(complaints).length > 0;

  const showJson = () => setJson(JSON.stringify(specOf(draft, old), null, 2));
  const showFields = () => {
    if (parsed?.spec) {
      setOld(parsed.spec);
      setDraft(draftOf(parsed.spec, catalogue.nodeTypes));
      setJson(null);
    }
  };
  const submit = async (event: React.FormEvent) => {
    event.preventDefault();
    if (isBad || waits) {
      return;
    }
    setWaits(true);
    setRefusal('');
    try {
      await props.onSubmit(parsed?.spec ?? specOf(draft, old));
    } catch (error) {
      setRefusal((error as Error).message);
      setWaits(false);
    }
  };
  const change = (changes: Partial<Draft>) => {
    setRefusal('');
    setDraft({ ...draft, ...changes });
  };
  return (
    <form className="jp-Dbx-form" onSubmit={submit} noValidate>
      {props.warning && <div className="jp-Dbx-trouble">{props.warning}</div>}
      <div className="jp-Dbx-tabs" role="group" aria-label={trans.__('View')}>
        <button type="button" aria-pressed={json === null} disabled={!!parsed?.wrong} onClick={showFields}>
          {trans.__('Form')}
        </button>
        <button type="button" aria-pressed={json !== null} onClick={showJson}>
          {trans.__('JSON')}
        </button>
      </div>
      {json === null ? (
        <Fields
          {...props}
          draft={draft}
          complaints={refused ? { ...complaints, [refused]: refusal } : complaints}
          change={change}
        />
      ) : (
        <Labelled
          label={trans.__('The body of a request to clusters/create, as the API takes it')}
          complaint={parsed?.wrong}
        >
          <textarea
            className="jp-mod-styled jp-Dbx-json"
            spellCheck={false}
            rows={24}
            value={json}
            onChange={event => {
              setRefusal('');
              setJson(event.target.value);
            }}
          />
        </Labelled>
      )}
      {refusal && !refused && <Complaint text={refusal} />}
      <div className="jp-Dbx-buttons">
        <button type="submit" className="jp-mod-styled jp-mod-accept" disabled={isBad || waits}>
          {props.submitLabel}
        </button>
        <button type="button" className="jp-mod-styled jp-mod-reject" onClick={props.onCancel}>
          {trans.__('Cancel')}
        </button>
      </div>
    </form>
  );
}

interface FieldsProps extends FormProps {
  draft: Draft;
  complaints: Complaints;
  change(changes: Partial<Draft>): void;
}

function Fields({ catalogue, trans, draft, complaints, change }: FieldsProps): JSX.Element {
  const types = catalogue.nodeTypes;
  const text = (field: Field, type = 'text', extra: object = {}) => (
    <input
      className="jp-mod-styled"
      type={type}
      value={draft[field] as string}
      aria-invalid={!!complaints[field]}
      onChange={event => change({ [field]: event.target.value })}
      {...extra}
    />
  );
  const lines = (field: 'conf' | 'env' | 'tags', label: string, hint: string) => (
    <Labelled label={label} complaint={complaints[field]} hint={hint}>
      <textarea
        className="jp-mod-styled"
        rows={3}
        spellCheck={false}
        value={draft[field]}
        aria-invalid={!!complaints[field]}
        onChange={event => change({ [field]: event.target.value })}
      />
    </Labelled>
  );
  const tick = (field: 'autoscales' | 'ends', label: string) => (
    <label className="jp-Dbx-tick">
      <input type="checkbox" checked={draft[field]} onChange={event => change({ [field]: event.target.checked })} />
      {label}
    </label>
  );
  const advanced = [draft.conf, draft.env, draft.tags].some(value => value);
  return (
    <>
      <Labelled label={trans.__('Name')} complaint={complaints.name}>
        {text('name', 'text', { autoFocus: true })}
      </Labelled>
      <div className="jp-Dbx-tabs" role="group" aria-label={trans.__('Kind')}>
        <button type="button" aria-pressed={!draft.singleNode} onClick={() => change({ singleNode: false })}>
          {trans.__('Driver and workers')}
        </button>
        <button type="button" aria-pressed={draft.singleNode} onClick={() => change({ singleNode: true })}>
          {trans.__('Single node')}
        </button>
      </div>
      <div className="jp-Dbx-hint">
        {trans.__('A driver plans and workers compute. A single node does both, for small data.')}
      </div>
      <div className="jp-Dbx-columns">
        <Labelled
          label={draft.singleNode ? trans.__('Node type') : trans.__('Worker type')}
          complaint={complaints.nodeType}
        >
          <TypeSelect value={draft.nodeType} types={types} trans={trans} onChoose={nodeType => change({ nodeType })} />
        </Labelled>
        {!draft.singleNode && (
          <Labelled label={trans.__('Driver type')} complaint={complaints.driverType}>
            <TypeSelect
              value={draft.driverType}
              types={types}
              trans={trans}
              other={trans.__('As the workers')}
              onChoose={driverType => change({ driverType })}
            />
          </Labelled>
        )}
      </div>
      {!draft.singleNode && (
        <fieldset>
          <div className="jp-Dbx-columns">
            {draft.autoscales ? (
              <>
                <Labelled label={trans.__('Least workers')}>{text('minWorkers', 'number', { min: 0 })}</Labelled>
                <Labelled label={trans.__('Most workers')}>{text('maxWorkers', 'number', { min: 1 })}</Labelled>
              </>
            ) : (
              <Labelled label={trans.__('Workers')}>{text('workers', 'number', { min: 1 })}</Labelled>
            )}
          </div>
          {tick('autoscales', trans.__('Autoscale: as many workers as the load needs'))}
          <Complaint text={complaints.workers} />
        </fieldset>
      )}
      <fieldset>
        {tick('ends', trans.__('Terminate when nobody uses it'))}
        {draft.ends && (
          <Labelled label={trans.__('After how many minutes')} complaint={complaints.minutes}>
            {text('minutes', 'number', { min: 1 })}
          </Labelled>
        )}
      </fieldset>
      <details open={advanced || undefined}>
        <summary>{trans.__('Advanced: Spark conf, environment, tags')}</summary>
        {lines('conf', trans.__('Spark conf'), trans.__('One property on each line: its name, a space or =, its value.'))}
        {lines('env', trans.__('Environment variables'), trans.__('One variable on each line: NAME=value.'))}
        {lines('tags', trans.__('Tags'), trans.__('One tag on each line: name=value.'))}
      </details>
      <Demand draft={draft} catalogue={catalogue} trans={trans} />
    </>
  );
}

/** A control with its label above, and below it a hint or what is wrong. */
function Labelled(props: {
  label: string;
  complaint?: string;
  hint?: string;
  children: React.ReactElement;
}): JSX.Element {
  const id = React.useId();
  const below = `${id}-below`;
  return (
    <div className="jp-Dbx-field">
      <label htmlFor={id}>{props.label}</label>
      {React.cloneElement(props.children, { id, 'aria-describedby': below })}
      <div id={below}>
        {props.hint && !props.complaint && <span className="jp-Dbx-hint">{props.hint}</span>}
        <Complaint text={props.complaint} />
      </div>
    </div>
  );
}

function Complaint({ text }: { text?: string }): JSX.Element | null {
  return text ? (
    <span className="jp-Dbx-complaint" role="alert">
      {text}
    </span>
  ) : null;
}

function TypeSelect({
  types,
  trans,
  other,
  onChoose,
  ...rest
}: {
  value: string;
  types: readonly NodeType[];
  trans: TranslationBundle;
  other?: string;
  onChoose(id: string): void;
}): JSX.Element {
  return (
    <HTMLSelect {...rest} onChange={event => onChoose(event.target.value)}>
      {other && <option value="">{other}</option>}
      {types.map(({ node_type_id: id }) => (
        <option key={id} value={id}>
          {nodeWords(id, types, trans)} ({id})
        </option>
      ))}
    </HTMLSelect>
  );
}

/** What the cluster takes in all, and what is free. */
function Demand(props: { draft: Draft; catalogue: Catalogue; trans: TranslationBundle }): JSX.Element | null {
  const { trans } = props;
  const demand = demandOf(props.draft, props.catalogue.nodeTypes);
  if (demand.length === 0 || demand.some(([nodes]) => !Number.isFinite(nodes))) {
    return null;
  }
  const takes = demand
    .map(([nodes, cores, mib]) => trans.__('%1 nodes with %2 cores and %3', nodes, cores, memoryWords(mib)))
    .join(trans.__(' to '));
  const room = props.catalogue.limits.capacity;
  const fits = !room || (demand[0][1] <= room.free_cores && demand[0][2] <= room.free_memory_mib);
  const free =
    room &&
    trans.__(
      'Free: %1 of %2 cores, %3 of %4.',
      room.free_cores,
      room.cores,
      memoryWords(room.free_memory_mib),
      memoryWords(room.memory_mib)
    );
  return (
    <div className={fits ? 'jp-Dbx-hint' : 'jp-Dbx-complaint'} role="status">
      {trans.__('In all %1.', takes)} {free}
    </div>
  );
}

function parse(json: string, trans: TranslationBundle): { spec?: Spec; wrong?: string } {
  try {
    const spec = JSON.parse(json);
    const isObject = typeof spec === 'object' && spec !== null && !Array.isArray(spec);
    return isObject ? { spec } : { wrong: trans.__('It must be one JSON object.') };
  } catch (error) {
    return { wrong: trans.__('This is no JSON: %1', (error as Error).message) };
  }
}
