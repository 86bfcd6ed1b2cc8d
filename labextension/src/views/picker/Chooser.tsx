/**
 * The list to choose a cluster from: a search field, the clusters that match, and actions.
 */
import type { TranslationBundle } from '@jupyterlab/translation';
import type { LabIcon } from '@jupyterlab/ui-components';
import * as React from 'react';

import { choicesOf } from '../../model/choices';
import type { Cluster, NodeType } from '../../model/wire';
import { sizeWords } from '../../model/words';
import { ClusterItem, Item, ItemProps, NoneFound } from './ChooserItem';

/** Something else than a choice. */
export interface ChooserAction {
  label: string;
  icon?: LabIcon;
  run(): void;
}

/** What the list shows, and what a choice does. */
export interface ChooserProps {
  clusters: readonly Cluster[];
  nodeTypes: readonly NodeType[];
  /** id of the current choice; "" = none */
  chosen: string;
  actions: readonly ChooserAction[];
  trans: TranslationBundle;
  onChoose(cluster: Cluster): void;
  /** `isDone` = the user has chosen, or gave up, in the list */
  onClose(isDone: boolean): void;
}

/** A search field that keeps the focus; the arrow keys move through the clusters and actions below it. */
export function Chooser(props: ChooserProps): JSX.Element {
  const { clusters, chosen, actions, trans, onChoose, onClose } = props;
  const id = React.useId();
  const [query, setQuery] = React.useState('');
  const found = choicesOf(clusters, query, trans);
  const lines = [
    ...found.map(cluster => ({ key: cluster.cluster_id, run: () => onChoose(cluster) })),
    ...actions.map(({ label, run }) => ({ key: label, run }))
  ];
  const indexOf = (key: string) => lines.findIndex(line => line.key === key);
  // A line is remembered by its key: the order may change while the list is open.
  const [moved, setMoved] = React.useState('');
  // A query that nothing matches must not lead to an action.
  const first = query ? Math.min(0, found.length - 1) : Math.max(0, indexOf(chosen));
  const active = indexOf(moved) < 0 ? first : indexOf(moved);
  const run = (index: number) => {
    onClose(true);
    lines[index]?.run();
  };
  const item = (index: number) => ({
    id: `${id}${index}`,
    isActive: index === active,
    onPoint: () => setMoved(lines[index].key),
    onRun: () => run(index)
  });
  return (
    <>
      <Search
        query={query}
        listId={`${id}list`}
        activeId={active < 0 ? undefined : `${id}${active}`}
        trans={trans}
        setQuery={text => {
          setQuery(text);
          setMoved('');
        }}
        onStep={step => setMoved(lines[(Math.max(active, step < 0 ? 0 : -1) + step + lines.length) % lines.length].key)}
        onEnter={() => run(active)}
        onClose={onClose}
      />
      <List {...props} id={`${id}list`} query={query} found={found} item={item} />
    </>
  );
}

interface ListProps extends ChooserProps {
  id: string;
  query: string;
  found: readonly Cluster[];
  /** Return the props of a line, by its place. */
  item(index: number): Omit<ItemProps, 'label' | 'children'>;
}

function List({ id, query, found, item, nodeTypes, chosen, actions, trans }: ListProps): JSX.Element {
  return (
    <div
      className="jp-Dbx-chooserList"
      id={id}
      role="listbox"
      aria-label={trans.__('Clusters')}
      onMouseDown={event => event.preventDefault()} // the field keeps the focus
    >
      <div role="group" aria-label={trans.__('Clusters')} className="jp-Dbx-chooserClusters">
        {found.map((cluster, index) => (
          <ClusterItem
            key={cluster.cluster_id}
            {...item(index)}
            cluster={cluster}
            isChosen={cluster.cluster_id === chosen}
            size={sizeWords(cluster, nodeTypes, trans)}
            trans={trans}
          />
        ))}
        {found.length === 0 && <NoneFound query={query} trans={trans} />}
      </div>
      <div role="group" aria-label={trans.__('Actions')} className="jp-Dbx-chooserActions">
        {actions.map((action, index) => (
          <Item key={action.label} {...item(found.length + index)} label={action.label}>
            <span className="jp-Dbx-chooserMark">{action.icon && <action.icon.react tag="span" />}</span>
            {action.label}
          </Item>
        ))}
      </div>
    </div>
  );
}

interface SearchProps extends Pick<ChooserProps, 'trans' | 'onClose'> {
  query: string;
  listId: string;
  /** undefined = no line is active */
  activeId: string | undefined;
  setQuery(query: string): void;
  /** Move to the next or the previous line. */
  onStep(step: 1 | -1): void;
  onEnter(): void;
}

function Search(props: SearchProps): JSX.Element {
  const { query, listId, activeId, trans, setQuery, onStep, onEnter, onClose } = props;
  const runs: Record<string, () => void> = {
    ArrowDown: () => onStep(1),
    ArrowUp: () => onStep(-1),
    Enter: onEnter,
    Escape: () => onClose(true)
  };
  return (
    <input
      className="jp-Dbx-chooserSearch"
      type="text"
      role="combobox"
      ref={focusOnce}
      aria-label={trans.__('Search clusters')}
      aria-expanded="true"
      aria-controls={listId}
      aria-activedescendant={activeId}
      placeholder={trans.__('Search clusters')}
      value={query}
      onChange={event => setQuery(event.target.value)}
      // If the whole window loses the focus, the field is still the active element.
      onBlur={event => document.activeElement !== event.target && onClose(false)}
      onKeyDown={event => {
        if (event.key in runs) {
          event.preventDefault();
          runs[event.key]();
        }
      }}
    />
  );
}

function focusOnce(input: HTMLInputElement | null): void {
  input?.focus();
}
