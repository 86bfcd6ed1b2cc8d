/**
 * A spec as JSON text that a user edits.
 */
import type { TranslationBundle } from '@jupyterlab/translation';

import type { Spec } from './wire';

/** Return the spec, or the error of the text. */
export function parseSpec(json: string, trans: TranslationBundle): { spec?: Spec; error?: string } {
  try {
    const spec: unknown = JSON.parse(json);
    const isObject = typeof spec === 'object' && spec !== null && !Array.isArray(spec);
    return isObject ? { spec: spec as Spec } : { error: trans.__('Must be a JSON object.') };
  } catch (error) {
    return { error: trans.__('Not valid JSON: %1', (error as Error).message) };
  }
}
