/**
 * The form that describes a cluster, with a JSON view of the same spec.
 */
import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

import type { Catalogue } from '../../model/catalogue';
import { Draft, draftOf, specOf } from '../../model/draft';
import type { ApiError } from '../../model/errors';
import { Held, roomOf } from '../../model/room';
import { parseSpec } from '../../model/specJson';
import { FieldErrors, formFieldOf, validate } from '../../model/validation';
import type { Spec } from '../../model/wire';
import { CodeArea } from '../ui/Fields';
import { Segmented, viewChoices } from '../ui/Segmented';
import { useSubmit } from '../useSubmit';
import { Fields } from './Fields';
import { Summary } from './Summary';

/** What the form needs. */
export interface FormProps {
  catalogue: Catalogue;
  initial: Draft;
  /** the spec whose other fields are kept */
  old: Spec;
  /** what the edited cluster holds now; null = nothing */
  held: Held | null;
  /** false = no node is started, so nothing need be free */
  startsNodes: boolean;
  /** names of other clusters */
  taken: readonly string[];
  trans: TranslationBundle;
  submitLabel: string;
  /** above the form; "" = none */
  warning: string;
  /** Rejects with the error of the server, an `ApiError` if the server has answered. */
  onSubmit(spec: Spec): Promise<void>;
  onCancel(): void;
}

/** All choices for a cluster. */
export function ClusterForm(props: FormProps): JSX.Element {
  const { catalogue, trans } = props;
  const { serverError, isSending, send, clearError } = useSubmit(props.onSubmit);
  const { draft, json, parsed, spec, change, changeJson, show } = useContent(props, clearError);
  const errors = validate(draft, catalogue, trans, props.taken);
  const isBad = parsed ? !!parsed.error : Object.keys(errors).length > 0;
  const shown = json === null ? placeError(serverError, errors, draft) : { errors, rest: serverError?.message };
  const shownDraft = parsed ? draftOf(spec, catalogue.nodeTypes) : draft;
  const room = parsed?.error ? null : roomOf(shownDraft, catalogue, props.held, trans);
  const lack = props.startsNodes && room ? room.problem : '';
  const obstacle = isBad ? trans.__('Correct the marked fields first.') : lack;
  const submit = (event: React.FormEvent) => {
    event.preventDefault();
    if (!obstacle) {
      void send(spec);
    }
  };
  return (
    <form className="jp-Dbx-form" onSubmit={submit} noValidate>
      <div className="jp-Dbx-formFields">
        {props.warning && <div className="jp-Dbx-problem">{props.warning}</div>}
        <Segmented
          label={trans.__('View')}
          value={json === null ? 'form' : 'json'}
          choices={viewChoices(trans)}
          disabled={!!parsed?.error}
          onChange={view => show(view === 'json')}
        />
        {json === null ? (
          <Fields catalogue={catalogue} draft={draft} errors={shown.errors} trans={trans} change={change} />
        ) : (
          <CodeArea
            label={trans.__('Request body of the Clusters API')}
            value={json}
            error={parsed?.error}
            rows={24}
            onChange={changeJson}
          />
        )}
      </div>
      <Summary
        {...{ room, lack, trans, obstacle, isSending }}
        submitLabel={props.submitLabel}
        error={shown.rest}
        onCancel={props.onCancel}
      />
    </form>
  );
}

/** What the form contains: a draft, and while JSON is shown its text. */
interface Content {
  draft: Draft;
  /** null = the fields are shown */
  json: string | null;
  /** null = the fields are shown */
  parsed: ReturnType<typeof parseSpec> | null;
  /** that of what is shown; of JSON with an error, that of the draft */
  spec: Spec;
  change(changes: Partial<Draft>): void;
  changeJson(text: string): void;
  /** Show the JSON, or the fields unless the JSON has an error. */
  show(isJson: boolean): void;
}

function useContent(props: FormProps, onChange: () => void): Content {
  const [draft, setDraft] = React.useState(props.initial);
  const [old, setOld] = React.useState(props.old);
  const [json, setJson] = React.useState<string | null>(null);
  const parsed = json === null ? null : parseSpec(json, props.trans);
  const spec = parsed?.spec ?? specOf(draft, old);
  const show = (isJson: boolean) => {
    if (isJson) {
      setJson(json ?? JSON.stringify(spec, null, 2));
    } else if (parsed?.spec) {
      setOld(parsed.spec);
      setDraft(draftOf(parsed.spec, props.catalogue.nodeTypes));
      setJson(null);
    }
  };
  const change = (changes: Partial<Draft>) => {
    onChange();
    setDraft(latest => ({ ...latest, ...changes })); // fields of the toolkit also report what they are set to
  };
  const changeJson = (text: string) => {
    onChange();
    setJson(text);
  };
  return { draft, json, parsed, spec, change, changeJson, show };
}

/** Put the server's error at the field that it is about; `rest` = the form shows that field nowhere. */
function placeError(
  serverError: Partial<ApiError> | null,
  errors: FieldErrors,
  draft: Draft
): { errors: FieldErrors; rest?: string } {
  const field = serverError?.field ? formFieldOf(serverError.field, draft) : null;
  return field ? { errors: { ...errors, [field]: serverError!.message } } : { errors, rest: serverError?.message };
}
