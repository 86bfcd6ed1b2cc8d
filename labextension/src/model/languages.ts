/**
 * The language of a cell, by its first line.
 */

/** Magic → MIME type of CodeMirror's mode. */
const LANGUAGES: { [magic: string]: string } = {
  sql: 'text/x-sql',
  md: 'text/x-ipythongfm',
  'md-sandbox': 'text/x-ipythongfm',
  sh: 'text/x-sh',
  bash: 'text/x-sh',
  scala: 'text/x-scala',
  r: 'text/x-rsrc',
  python: 'text/x-ipython'
};

/** Return the MIME type of a cell that begins with a language's magic; `null` = it is in the notebook's language. */
export function mimeTypeOf(source: string): string | null {
  const found = /^(?:\s|#[^\n]*\n)*%%?([\w-]+)/.exec(source);
  return (found && LANGUAGES[found[1]]) ?? null;
}

/** Return whether a cell is Markdown. */
export function isMarkdown(source: string): boolean {
  return mimeTypeOf(source) === LANGUAGES.md;
}
