/**
 * The lines of a log, each with the level of the message that it belongs to.
 */

/** A level of Spark's log messages; `other` = a line before the first message, or of another format. */
export type Level = 'error' | 'warn' | 'info' | 'other';

/** A line of a log. */
export interface LogLine {
  /** from 0, in the text that was loaded */
  number: number;
  text: string;
  level: Level;
}

const LEVELS: Record<string, Level> = {
  FATAL: 'error',
  CRITICAL: 'error',
  ERROR: 'error',
  WARN: 'warn',
  WARNING: 'warn',
  INFO: 'info',
  DEBUG: 'info',
  TRACE: 'info'
};

/** A level within the first words of a message: Log4j's `26/01/31 10:00:00 WARN …`, Python's `[W 2026-…`. */
const LEVEL = /^\S{0,30}\s?[\d:.,]{0,15}\s?\[?\b(FATAL|CRITICAL|ERROR|WARN|WARNING|INFO|DEBUG|TRACE)\b/;

/** A line that goes on with the message before it: a stack trace, or more indented text. */
const GOES_ON = /^(\s|Caused by:|Traceback|[\w.$]+(Error|Exception)\b)/;

/** Return the lines of a text. */
export function linesOf(text: string): LogLine[] {
  let level: Level = 'other';
  return text
    .replace(/\n$/, '')
    .split('\n')
    .map((line, number) => {
      const word = LEVEL.exec(line)?.[1];
      level = word ? LEVELS[word] : GOES_ON.test(line) ? level : 'other';
      return { number, text: line, level };
    });
}

/** Return the lines with a level among these, null = all, that contain a phrase. */
export function matching(lines: readonly LogLine[], levels: readonly Level[] | null, query: string): LogLine[] {
  const phrase = query.trim().toLowerCase();
  return lines.filter(
    ({ text, level }) => (!levels || levels.includes(level)) && (!phrase || text.toLowerCase().includes(phrase))
  );
}
