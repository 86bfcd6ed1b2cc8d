/**
 * In which language a cell is, by its first line.
 */

/** Magic → MIME type as CodeMirror's modes have it. */
const LANGUAGES: { [magic: string]: string } = {
  sql: 'text/x-sql',
  md: 'text/x-ipythongfm',
  'md-sandbox': 'text/x-ipythongfm',
  sh: 'text/x-sh',
  bash: 'text/x-sh',
  scala: 'text/x-scala',
  r: 'text/x-rsrc'
};

/** Return the MIME type of a cell that names its language, or `null` if it is in the kernel's own. */
export function mimeTypeOf(source: string): string | null {
  const found = /^(?:\s|#[^\n]*\n)*%%?([\w-]+)/.exec(source);
  return (found && LANGUAGES[found[1]]) ?? null;
}
