/**
 * Imports of the front end: rules that ESLint's import boundaries do not cover.
 */
import * as fs from 'fs';
import * as path from 'path';

const ROOT = path.join(__dirname, '..');

/** Packages whose code may not run in `model`; their types may be used. */
const IMPURE = /^(react$|@jupyterlab\/|@lumino\/(?!coreutils$))/;

/** File without its suffix → its imports, of our files and of packages; type-only ones are marked. */
const imports = new Map(
  (fs.readdirSync(ROOT, { recursive: true }) as string[])
    .filter(file => /\.tsx?$/.test(file) && !file.includes('__tests__'))
    .map(file => [file.replace(/\.tsx?$/, ''), importsOf(file)])
);

function importsOf(file: string): { target: string; isType: boolean }[] {
  const text = fs.readFileSync(path.join(ROOT, file), 'utf8');
  const found = text.matchAll(/^(import|export)( type)?\b[^;']*?from '([^']+)'|\bimport\('([^']+)'\)/gm);
  return [...found].map(([, , type, name, lazyName]) => {
    const target = name ?? lazyName;
    return { target: target.startsWith('.') ? path.join(path.dirname(file), target) : target, isType: !!type };
  });
}

/** Return the files along a circle of imports that `file` leads to; [] = none. */
function circleFrom(file: string, trail: string[], done: Set<string>): string[] {
  if (trail.includes(file)) {
    return [...trail.slice(trail.indexOf(file)), file];
  }
  const next = done.has(file) ? [] : (imports.get(file) ?? []);
  done.add(file);
  return next.map(({ target }) => circleFrom(target, [...trail, file], done)).find(found => found.length > 0) ?? [];
}

describe('the front end', () => {
  it('has no circle of imports, type-only ones included', () => {
    const done = new Set<string>();
    expect(imports.size).toBeGreaterThan(50);
    expect([...imports.keys()].flatMap(file => circleFrom(file, [], done))).toEqual([]);
  });

  it('has a pure model, which runs no code of React, JupyterLab or Lumino’s widgets', () => {
    const wrong = [...imports]
      .filter(([file]) => file.startsWith('model/'))
      .flatMap(([file, found]) => found.filter(({ isType }) => !isType).map(({ target }) => `${file}: ${target}`))
      .filter(line => IMPURE.test(line.split(': ')[1]));
    expect(wrong).toEqual([]);
  });
});
