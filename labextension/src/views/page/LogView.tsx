/**
 * The logs of a cluster's processes; follows a log that still grows.
 */
import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

import { Level, LogLine, linesOf, matching } from '../../model/logLines';
import { mostUseful, nameInNode, nodesOf } from '../../model/logNodes';
import { refusalOf } from '../../model/permissions';
import { Problem } from '../Problem';
import { Checkbox, Select, TextInput } from '../ui/Fields';
import { EmptyState } from '../ui/marks';
import { useLoaded, usePolled } from '../useLoaded';
import type { TabProps } from './page';

/** Interval between requests for the rest of a log, ms. */
const FOLLOW_MS = 1500;

/** Text of a log kept on the page, characters. */
const MAX_LENGTH = 500_000;

/** Choice → levels of the lines that are shown; null = all. */
const LEVELS: Record<string, readonly Level[] | null> = { all: null, warn: ['warn', 'error'], error: ['error'] };

/** What the user looks for in a log. */
interface View {
  follows: boolean;
  level: string;
  query: string;
}

/** The tab; says what is missing to a user who may not read logs. */
export function LogView(props: TabProps): JSX.Element {
  const refusal = refusalOf(props.cluster, 'read-logs', props.trans);
  return refusal ? <EmptyState title={props.trans.__('No access')}>{refusal}</EmptyState> : <Logs {...props} />;
}

function Logs({ model, clusterId, trans }: TabProps): JSX.Element {
  const { value: files, problem } = useLoaded(React.useCallback(() => model.logs(clusterId), [model, clusterId]));
  const [nodeId, setNodeId] = React.useState('');
  const [chosen, setChosen] = React.useState('');
  const [view, setView] = React.useState<View>({ follows: true, level: 'all', query: '' });
  if (files?.length === 0) {
    return <EmptyState title={trans.__('No logs yet')} />;
  }
  const nodes = nodesOf(files ?? [], trans);
  const node = nodes.find(({ id }) => id === nodeId) ?? nodes[0];
  const file = node?.files.find(({ path }) => path === chosen)?.path ?? mostUseful(node?.files ?? []);
  return (
    <>
      <Problem text={problem} />
      {node && (
        <div className="jp-Dbx-logBar">
          <Select
            label={trans.__('Process')}
            value={node.id}
            choices={nodes.map(({ id, label }) => [id, label])}
            onChange={setNodeId}
          />
          <Select
            label={trans.__('Log')}
            value={file}
            choices={node.files.map(({ path }) => [path, nameInNode(path)])}
            onChange={setChosen}
          />
          <ViewFields view={view} trans={trans} change={changes => setView(latest => ({ ...latest, ...changes }))} />
          <a className="jp-Dbx-link" href={model.logUrl(clusterId, file)} download>
            {trans.__('Download')}
          </a>
        </div>
      )}
      {file && <LogText model={model} clusterId={clusterId} path={file} view={view} trans={trans} />}
    </>
  );
}

interface ViewFieldsProps {
  view: View;
  trans: TranslationBundle;
  change(changes: Partial<View>): void;
}

function ViewFields({ view, trans, change }: ViewFieldsProps): JSX.Element {
  return (
    <>
      <Select
        label={trans.__('Level')}
        value={view.level}
        choices={[
          ['all', trans.__('All levels')],
          ['warn', trans.__('Warnings and errors')],
          ['error', trans.__('Errors')]
        ]}
        onChange={level => change({ level })}
      />
      <TextInput label={trans.__('Search')} value={view.query} onChange={query => change({ query })} />
      <Checkbox label={trans.__('Follow')} checked={view.follows} onChange={follows => change({ follows })} />
    </>
  );
}

type LogTextProps = Pick<TabProps, 'model' | 'clusterId' | 'trans'> & { path: string; view: View };

function LogText({ model, clusterId, path, view, trans }: LogTextProps): JSX.Element {
  const box = React.useRef<HTMLDivElement>(null);
  const start = React.useCallback(() => {
    let next: number | undefined;
    let text = '';
    return async () => {
      const piece = await model.log(clusterId, path, next);
      next = piece.next_offset;
      text = (text + piece.text).slice(-MAX_LENGTH);
      return text;
    };
  }, [model, clusterId, path]);
  const { value: text, problem } = usePolled(start, view.follows ? FOLLOW_MS : null);
  const lines = React.useMemo(() => linesOf(text ?? ''), [text]);
  const shown = React.useMemo(() => matching(lines, LEVELS[view.level], view.query), [lines, view.level, view.query]);
  React.useLayoutEffect(() => {
    if (view.follows && box.current) {
      box.current.scrollTop = box.current.scrollHeight;
    }
  }, [shown, view.follows]);
  return (
    <>
      <Problem text={problem} />
      <div ref={box} className="jp-Dbx-log" role="log" tabIndex={0} aria-label={path}>
        {text === '' ? trans.__('(empty)') : <Lines lines={shown} />}
      </div>
      {text && (
        <span className="jp-Dbx-hint" role="status">
          {trans._n('%2 of %1 loaded line', '%2 of %1 loaded lines', lines.length, shown.length)}
        </span>
      )}
    </>
  );
}

const Lines = React.memo(({ lines }: { lines: readonly LogLine[] }) => (
  <>
    {lines.map(({ number, text, level }) => (
      <div key={number} className={`jp-mod-${level}`}>
        {text || ' '}
      </div>
    ))}
  </>
));
