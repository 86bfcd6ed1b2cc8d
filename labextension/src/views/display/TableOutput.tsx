/**
 * The output of `display`: a table, a chart of it, and its profile.
 */
import type { IRenderMime } from '@jupyterlab/rendermime-interfaces';
import type { TranslationBundle } from '@jupyterlab/translation';
import { ReactWidget } from '@jupyterlab/ui-components';
import * as React from 'react';

import { Cell, cellsOf, Rows, TABLE_TYPE, TableContent } from './tableData';
import { TableTab } from './TableTab';

/** What an output asks its kernel for. */
export type TableWish = { op: 'table_more'; table: string; offset: number } | { op: 'table_download'; table: string; rows: number };

/** What the output needs of the notebook that it is in. */
export interface DisplayActions {
  /** Return whether the output at a node has a kernel that can be asked. */
  canAsk(node: HTMLElement): boolean;
  ask(node: HTMLElement, wish: TableWish): Promise<object>;
}

/** The output. */
export class TableOutput extends ReactWidget implements IRenderMime.IRenderer {
  constructor(
    private readonly trans: TranslationBundle,
    private readonly actions: DisplayActions
  ) {
    super();
    this.addClass('jp-Dbx-display');
    // Keys are the grid's: in a notebook's command mode they would move between cells, or cut them.
    this.node.dataset.lmSuppressShortcuts = 'true';
  }

  /** Show what the kernel tells; called again at each update. */
  async renderModel(model: IRenderMime.IMimeModel): Promise<void> {
    const content = model.data[TABLE_TYPE] as unknown as TableContent;
    this.cells = await cellsOf(content);
    this.content = content;
    this.update();
  }

  protected render(): JSX.Element {
    const { content, cells, trans, actions, node } = this;
    return content ? <Display content={content} cells={cells} trans={trans} actions={actions} node={node} /> : <></>;
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
  const [cells, setCells] = React.useState(first);
  const [more, setMore] = React.useState(content.more);
  React.useEffect(() => {
    setCells(first);
    setMore(content.more);
  }, [first]);
  const { table } = content;
  const canAsk = actions.canAsk(node);
  const loadMore = async () => {
    const rows = (await actions.ask(node, { op: 'table_more', table, offset: cells[0].length })) as Rows;
    const next = await cellsOf(rows);
    setCells(cells.map((column, index) => [...column, ...next[index]]));
    setMore(rows.more);
    return rows;
  };
  const parquet = async () => {
    const { file } = (await actions.ask(node, { op: 'table_download', table, rows: cells[0].length })) as { file: string };
    return file;
  };
  return (
    <TableTab
      columns={content.columns}
      cells={cells}
      more={more}
      trans={trans}
      onMore={canAsk ? loadMore : null}
      onParquet={canAsk ? parquet : null}
    />
  );
}
