/**
 * What a cluster's processes wrote; follows a log that still grows.
 */
import * as React from 'react';

import type { LogFile } from '../services/wire';
import type { PageProps } from './page';

/** How often a log is asked for what is new, ms. */
const FOLLOW_MS = 1500;

/** How much of a log is kept on the page, characters. */
const MOST_TEXT = 500_000;

/** The logs. */
export function LogView({ model, clusterId, trans }: PageProps): JSX.Element {
  const [files, setFiles] = React.useState<LogFile[] | null>(null);
  const [path, setPath] = React.useState('');
  const [text, setText] = React.useState('');
  const [follows, setFollows] = React.useState(true);
  const [trouble, setTrouble] = React.useState('');
  const box = React.useRef<HTMLPreElement>(null);

  React.useEffect(() => {
    let isCurrent = true;
    model.logs(clusterId).then(
      found => {
        if (isCurrent) {
          setFiles(found);
          setPath(old => old || firstOf(found));
        }
      },
      error => isCurrent && setTrouble(error.message)
    );
    return () => {
      isCurrent = false;
    };
  }, [clusterId]);

  React.useEffect(() => {
    if (!path) {
      return;
    }
    let isCurrent = true;
    let timer = 0;
    let next: number | undefined;
    const read = async () => {
      try {
        const piece = await model.log(clusterId, path, next);
        if (!isCurrent) {
          return;
        }
        const isFirst = next === undefined;
        next = piece.next_offset;
        setTrouble('');
        setText(old => (isFirst ? piece.text : (old + piece.text).slice(-MOST_TEXT)));
      } catch (error) {
        if (isCurrent) {
          setTrouble((error as Error).message);
        }
      }
      if (isCurrent && follows) {
        timer = window.setTimeout(read, FOLLOW_MS);
      }
    };
    void read();
    return () => {
      isCurrent = false;
      window.clearTimeout(timer);
    };
  }, [clusterId, path, follows]);

  React.useLayoutEffect(() => {
    if (follows && box.current) {
      box.current.scrollTop = box.current.scrollHeight;
    }
  }, [text, follows]);

  if (files?.length === 0) {
    return <div className="jp-Dbx-empty">{trans.__('Its processes have written nothing yet.')}</div>;
  }
  return (
    <>
      <div className="jp-Dbx-buttons">
        <select
          className="jp-mod-styled"
          aria-label={trans.__('Log')}
          value={path}
          onChange={event => setPath(event.target.value)}
        >
          {(files ?? []).map(file => (
            <option key={file.path} value={file.path}>
              {file.path} {file.live ? '' : trans.__('(ended)')}
            </option>
          ))}
        </select>
        <label className="jp-Dbx-tick">
          <input type="checkbox" checked={follows} onChange={event => setFollows(event.target.checked)} />
          {trans.__('Follow')}
        </label>
        {path && (
          <a className="jp-Dbx-link" href={model.logUrl(clusterId, path)} download>
            {trans.__('Download')}
          </a>
        )}
      </div>
      {trouble && <div className="jp-Dbx-trouble">{trouble}</div>}
      <pre ref={box} className="jp-Dbx-pre jp-Dbx-log" tabIndex={0} aria-label={path}>
        {text || trans.__('(empty)')}
      </pre>
    </>
  );
}

/** Return the log that tells most: what the driver wrote, and lives, and is not empty. */
function firstOf(files: readonly LogFile[]): string {
  const worth = (file: LogFile) => 4 * Number(file.role === 'driver') + 2 * Number(file.live) + Number(file.size > 0);
  return [...files].sort((a, b) => worth(b) - worth(a))[0]?.path ?? '';
}
