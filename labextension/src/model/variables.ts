/**
 * A notebook's variables, as its kernel lists them.
 */

/** One variable. */
export interface Variable {
  name: string;
  type: string;
  /** a short value, or the size; "" = nothing to say */
  about: string;
  /** names and types of a table's columns */
  columns: [string, string][];
  is_table: boolean;
}

/** A kernel's answer. */
export interface Variables {
  variables: Variable[];
  /** how many there are, count: `variables` is bounded */
  total: number;
}

/** Return the variables whose name, type or column contains a text, in any case. */
export function matching(variables: Variable[], text: string): Variable[] {
  const wanted = text.trim().toLowerCase();
  const has = (word: string) => word.toLowerCase().includes(wanted);
  return variables.filter(
    ({ name, type, columns }) => has(name) || has(type) || columns.some(([column]) => has(column))
  );
}
