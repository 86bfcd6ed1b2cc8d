/**
 * Errors of a draft: those found before it is sent, and the field that an error of the server belongs to.
 */
import type { TranslationBundle } from '@jupyterlab/translation';

import type { Catalogue } from './catalogue';
import type { Draft } from './draft';
import { parsePairs } from './pairs';

/** A field of the form. */
export type Field = keyof Draft;

/** Field → its error. */
export type FieldErrors = Partial<Record<Field, string>>;

/** Field of a spec, as the API names it → field of the form. */
const FORM_FIELDS: Record<string, Field> = {
  cluster_name: 'name',
  node_type_id: 'nodeType',
  driver_node_type_id: 'driverType',
  num_workers: 'workers',
  autoscale: 'workers',
  autotermination_minutes: 'minutes',
  spark_conf: 'conf',
  spark_env_vars: 'env',
  custom_tags: 'tags'
};

/** Fields that the form hides. */
const HIDDEN_FOR_SINGLE_NODE: readonly Field[] = ['driverType', 'workers'];

/** Return the field of the form that shows an error about `path`, e.g. "autoscale.min_workers"; null = none does. */
export function formFieldOf(path: string, draft: Draft): Field | null {
  const field = FORM_FIELDS[path.split(/[.[]/)[0]];
  const isHidden = draft.singleNode && HIDDEN_FOR_SINGLE_NODE.includes(field);
  return field && !isHidden ? field : null;
}

/** Return the errors of a draft; `taken` are the names of other clusters. */
export function validate(
  draft: Draft,
  catalogue: Catalogue,
  trans: TranslationBundle,
  taken: readonly string[] = []
): FieldErrors {
  const { least, most } = catalogue.limits.autotermination_minutes;
  const errors: FieldErrors = {
    name: nameError(draft.name.trim(), taken, trans),
    workers: draft.singleNode ? '' : workersError(draft, trans),
    minutes:
      draft.autoTerminates && !isWhole(draft.minutes, least, most)
        ? trans.__('Must be between %1 and %2 minutes.', least, most)
        : '',
    conf: pairsError(draft.conf, trans),
    env: pairsError(draft.env, trans),
    tags: pairsError(draft.tags, trans)
  };
  return Object.fromEntries(Object.entries(errors).filter(([, error]) => error));
}

function nameError(name: string, taken: readonly string[], trans: TranslationBundle): string {
  if (!name) {
    return trans.__('Enter a name.');
  }
  return taken.includes(name) ? trans.__('A cluster with this name already exists.') : '';
}

function workersError(draft: Draft, trans: TranslationBundle): string {
  if (!draft.autoscales) {
    return isWhole(draft.workers, 1) ? '' : trans.__('Workers must be a whole number, 1 or more.');
  }
  if (!isWhole(draft.minWorkers, 0)) {
    return trans.__('Min workers must be a whole number, 0 or more.');
  }
  return isWhole(draft.maxWorkers, Math.max(1, Number(draft.minWorkers)))
    ? ''
    : trans.__('Max workers must be a whole number, at least 1 and at least min workers.');
}

function pairsError(text: string, trans: TranslationBundle): string {
  const { badLine, repeatedKey } = parsePairs(text);
  if (!badLine) {
    return '';
  }
  return repeatedKey
    ? trans.__('Line %1: %2 is set more than once.', badLine, repeatedKey)
    : trans.__('Line %1: enter a key and a value, separated by a space or =.', badLine);
}

function isWhole(text: string, least: number, most = Number.MAX_SAFE_INTEGER): boolean {
  return /^\d+$/.test(text.trim()) && Number(text) >= least && Number(text) <= most;
}
