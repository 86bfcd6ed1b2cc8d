/**
 * Key-value pairs as text, one on each line: Spark config, environment variables and tags.
 */

/** The pairs of a text, up to its first bad line. */
export interface Pairs {
  pairs: Record<string, string>;
  /** number of the first bad line, from 1 on; 0 = all lines are good */
  badLine: number;
  /** the key that this line repeats */
  repeatedKey?: string;
}

/** Return the pairs of `key value` or `key=value` lines; empty lines and comments (`#`) are skipped. */
export function parsePairs(text: string): Pairs {
  const pairs: Record<string, string> = {};
  for (const [index, line] of text.split('\n').entries()) {
    if (!line.trim() || line.trim().startsWith('#')) {
      continue;
    }
    const found = /^([^\s=]+)(?:\s*=\s*|\s+(?=\S))(.*)$/.exec(line.trim());
    if (!found) {
      return { pairs, badLine: index + 1 };
    }
    const [, key, value] = found;
    if (key in pairs) {
      return { pairs, badLine: index + 1, repeatedKey: key };
    }
    pairs[key] = value;
  }
  return { pairs, badLine: 0 };
}
