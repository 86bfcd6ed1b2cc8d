/**
 * The output of `display`: a table, a chart of it, and its profile.
 */
import type { IRenderMime } from '@jupyterlab/rendermime-interfaces';
import type { TranslationBundle } from '@jupyterlab/translation';
import { ReactWidget } from '@jupyterlab/ui-components';
import type { Message } from '@lumino/messaging';
import type { Widget } from '@lumino/widgets';
import * as React from 'react';

import { Chart, firstChart, Spec } from './chartSpec';
import { ChartTab } from './ChartTab';
import { Profile } from './Profile';
import type { ProfileContent } from './profileData';
import { Cell, cellsOf, Rows, Stream, TABLE_TYPE, TableContent } from './tableData';
import { TableTab } from './TableTab';

/** What an output asks its kernel for. */
export type TableWish =
  | { op: 'table_more'; table: string; offset: number }
  | { op: 'table_profile'; table: string }
  | { op: 'table_download'; table: string; rows: number };

/** How a table is looked at: it is kept with the notebook. */
export interface Look {
  tab: 'table' | 'chart' | 'profile';
  chart?: Chart;
}

/** What the output needs of the notebook that it is in. */
export interface DisplayActions {
  /** Return whether the output at a node may have a kernel that can be asked. */
  canAsk(node: HTMLElement): boolean;
  ask(node: HTMLElement, wish: TableWish): Promise<object>;
  /** Return how the output at a node was looked at last, if that is known. */
  recall(node: HTMLElement): Look | null;
  keep(node: HTMLElement, look: Look): void;
  /** Return what draws a chart, or `null` if this front end draws none. */
  draw(spec: Spec): Widget | null;
}

/** The output. */
export class TableOutput extends ReactWidget implements IRenderMime.IRenderer {
  constructor(
    private readonly trans: TranslationBundle,
    private readonly actions: DisplayActions
  ) {
    super();
    this.addClass('jp-Dbx-display');
  }

  /** Show what the kernel tells; called again at each update. */
  async renderModel(model: IRenderMime.IMimeModel): Promise<void> {
    const content = model.data[TABLE_TYPE] as unknown as TableContent;
    this.cells = await cellsOf(content);
    this.content = content;
    this.update();
  }

  /** Keep plain keys from the notebook: in its command mode they would move between cells, or delete them. */
  handleEvent(event: KeyboardEvent): void {
    const { target, key, ctrlKey, metaKey, altKey, shiftKey } = event;
    if (target instanceof HTMLElement && this.node.contains(target)) {
      // Lumino looks for it from the target upwards, and the target itself is what the notebook's shortcuts select.
      const isShortcut = ctrlKey || metaKey || altKey || (shiftKey && key === 'Enter');
      target.toggleAttribute('data-lm-suppress-shortcuts', !isShortcut);
    }
  }

  protected onAfterAttach(message: Message): void {
    super.onAfterAttach(message);
    // Before Lumino, which listens at the document.
    window.addEventListener('keydown', this, true);
  }

  protected onBeforeDetach(message: Message): void {
    window.removeEventListener('keydown', this, true);
    super.onBeforeDetach(message);
  }

  protected render(): JSX.Element {
    const { content, cells, trans, actions, node } = this;
    // Before it is in a notebook nobody knows how it was looked at.
    return content && this.isAttached ? (
      <Display content={content} cells={cells} trans={trans} actions={actions} node={node} />
    ) : (
      <></>
    );
  }

  private content: TableContent | null = null;
  private cells: Cell[][] = [];
}

interface DisplayProps {
  content: TableContent;
  cells: Cell[][];
  trans: TranslationBundle;
  actions: DisplayActions;
  node: HTMLElement;
}

function Display({ content, cells: first, trans, actions, node }: DisplayProps): JSX.Element {
  const { table, columns } = content;
  const [cells, setCells] = React.useState(first);
  const [more, setMore] = React.useState(content.more);
  const [look, setLook] = React.useState<Look>(() => actions.recall(node) ?? { tab: 'table' });
  React.useEffect(() => {
    setCells(first);
    setMore(content.more);
  }, [first]);
  const change = (part: Partial<Look>) => {
    const next = { ...look, ...part };
    setLook(next);
    actions.keep(node, next);
  };
  // The rows of a stream are those that are here.
  const canAsk = !content.stream && actions.canAsk(node);
  const loadMore = async () => {
    const rows = (await actions.ask(node, { op: 'table_more', table, offset: cells[0].length })) as Rows;
    const next = await cellsOf(rows);
    setCells(cells.map((column, index) => [...column, ...next[index]]));
    setMore(rows.more);
  };
  const parquet = async () => {
    const { file } = (await actions.ask(node, { op: 'table_download', table, rows: cells[0].length })) as { file: string };
    return file;
  };
  const names = { table: trans.__('Table'), chart: trans.__('Chart'), profile: trans.__('Profile') };
  const { profile: _, ...ofStream } = names;
  const tabs: Partial<typeof names> = content.stream ? ofStream : names;
  return (
    <>
      {content.stream && <StreamState stream={content.stream} trans={trans} />}
      <Tabs names={tabs} open={look.tab} onOpen={tab => change({ tab })} />
      <div role="tabpanel" aria-label={names[look.tab]}>
        {look.tab === 'table' && (
          <TableTab
            columns={columns}
            cells={cells}
            more={more}
            trans={trans}
            onMore={canAsk ? loadMore : null}
            onParquet={canAsk ? parquet : null}
          />
        )}
        {look.tab === 'chart' && (
          <ChartTab
            columns={columns}
            cells={cells}
            more={more}
            chart={look.chart ?? firstChart(columns)}
            trans={trans}
            onChange={chart => change({ chart })}
            draw={actions.draw}
          />
        )}
        {look.tab === 'profile' && (
          <ProfileTab
            ask={() => actions.ask(node, { op: 'table_profile', table }) as Promise<ProfileContent>}
            table={table}
            trans={trans}
          />
        )}
      </div>
    </>
  );
}

function StreamState({ stream, trans }: { stream: Stream; trans: TranslationBundle }): JSX.Element {
  const { name, state, batch, input_rate, processed_rate } = stream;
  const words = {
    running: trans.__('Stream is running'),
    ended: trans.__('Stream has ended'),
    stopped: trans.__('Stream was stopped'),
    failed: trans.__('Stream has failed')
  };
  const rate = (value: number | null) => (value ?? 0).toLocaleString('en', { maximumFractionDigits: 1 });
  return (
    <div className="jp-Dbx-line">
      <span className={`jp-Dbx-dot jp-mod-${state === 'running' ? 'up' : state === 'failed' ? 'failed' : 'over'}`} />
      <span>
        {words[state]}
        {name && ` (${name})`}
      </span>
      {batch !== null && (
        <span className="jp-Dbx-hint">
          {trans.__('batch %1, %2 rows/s in, %3 rows/s processed', batch, rate(input_rate), rate(processed_rate))}
        </span>
      )}
    </div>
  );
}

interface TabsProps<T extends string> {
  names: { [id in T]?: string };
  open: T;
  onOpen(tab: T): void;
}

function Tabs<T extends string>({ names, open, onOpen }: TabsProps<T>): JSX.Element {
  const ids = Object.keys(names) as T[];
  const move = (event: React.KeyboardEvent) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (step) {
      const next = (ids.indexOf(open) + step + ids.length) % ids.length;
      onOpen(ids[next]);
      (event.currentTarget.children[next] as HTMLElement).focus();
    }
  };
  return (
    <div role="tablist" className="jp-Dbx-tabs" onKeyDown={move}>
      {ids.map(id => (
        <button key={id} role="tab" aria-selected={id === open} tabIndex={id === open ? 0 : -1} onClick={() => onOpen(id)}>
          {names[id]}
        </button>
      ))}
    </div>
  );
}

interface ProfileTabProps {
  ask(): Promise<ProfileContent>;
  table: string;
  trans: TranslationBundle;
}

/** The profile, which is computed when the tab is opened. */
function ProfileTab({ ask, table, trans }: ProfileTabProps): JSX.Element {
  const [content, setContent] = React.useState<ProfileContent | null>(null);
  const [trouble, setTrouble] = React.useState('');
  React.useEffect(() => {
    setContent(null);
    setTrouble('');
    ask().then(setContent, error => setTrouble(error.message));
  }, [table]);
  if (trouble) {
    return (
      <div role="alert" className="jp-Dbx-trouble">
        {trouble}
      </div>
    );
  }
  return content ? <Profile content={content} trans={trans} /> : <p role="status">{trans.__('Reading all rows…')}</p>;
}
