/**
 * The tabs of a result: its table, its charts, and its profile. The arrow keys move between them, F2 renames one. All but the
 * first can be dragged to another place.
 */
import type { TranslationBundle } from '@jupyterlab/translation';
import { addIcon, caretDownIcon, deleteIcon, duplicateIcon, editIcon } from '@jupyterlab/ui-components';
import * as React from 'react';

import { TABLE_TAB, View } from '../../model/display/viewState';
import { IconButton } from '../ui/Button';
import { chartIcon, columnsIcon } from '../ui/icons';
import { MenuItem, openMenu } from '../ui/menu';

/** What the user does with tabs. */
export interface ViewActions {
  onOpen(id: string): void;
  onAdd(kind: View['kind']): void;
  onRename(id: string, name: string): void;
  onDuplicate(id: string): void;
  /** Give a view another place, from 0 on, among the views. */
  onMove(id: string, place: number): void;
  onRemove(id: string): void;
}

interface ViewTabsProps extends ViewActions {
  views: readonly View[];
  open: string;
  /** whether a profile can be added */
  hasProfile: boolean;
  trans: TranslationBundle;
}

/** The strip of tabs, with a button that adds one. */
export function ViewTabs(props: ViewTabsProps): JSX.Element {
  const { views, open, hasProfile, trans, onOpen, onAdd } = props;
  const [renamed, setRenamed] = React.useState('');
  const [dragged, setDragged] = React.useState('');
  const ids = [TABLE_TAB, ...views.map(view => view.id)];
  const move = (event: React.KeyboardEvent) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (step) {
      const next = (ids.indexOf(open) + step + ids.length) % ids.length;
      onOpen(ids[next]);
      (event.currentTarget.children[next] as HTMLElement).focus();
    }
  };
  const add = (event: React.MouseEvent<HTMLElement>) => {
    const chart = { label: trans.__('Visualization'), icon: chartIcon, run: () => onAdd('chart') };
    const profile = { label: trans.__('Data Profile'), icon: columnsIcon, run: () => onAdd('profile') };
    openMenu(hasProfile ? [chart, profile] : [chart], event.currentTarget);
  };
  const isOpen = (id: string) => ({
    role: 'tab',
    'aria-selected': id === open,
    tabIndex: id === open ? 0 : -1,
    onClick: () => onOpen(id)
  });
  return (
    <div className="jp-Dbx-tabs">
      <div role="tablist" aria-label={trans.__('Views of the result')} onKeyDown={move}>
        <button {...isOpen(TABLE_TAB)}>{trans.__('Table')}</button>
        {views.map(view =>
          view.id === renamed ? (
            <NameInput key={view.id} {...props} view={view} onEnd={() => setRenamed('')} />
          ) : (
            <ViewTab
              key={view.id}
              {...props}
              view={view}
              tab={isOpen(view.id)}
              dragged={dragged}
              onDrag={setDragged}
              onBegin={() => setRenamed(view.id)}
            />
          )
        )}
      </div>
      <IconButton icon={addIcon} label={trans.__('Add a visualization or a data profile')} hasMenu onClick={add} />
    </div>
  );
}

interface ViewTabProps extends ViewTabsProps {
  view: View;
  tab: React.ButtonHTMLAttributes<HTMLButtonElement>;
  /** id of the view that is being dragged; "" = none */
  dragged: string;
  onDrag(id: string): void;
  /** Begin to rename it. */
  onBegin(): void;
}

/** A tab with a menu of its own, which a right click, the menu key, or the mark of the open tab opens. */
function ViewTab(props: ViewTabProps): JSX.Element {
  const { views, view, open, tab, trans, onBegin, onOpen, onDuplicate, onMove, onRemove } = props;
  const button = React.useRef<HTMLButtonElement>(null);
  const { id, kind, name } = view;
  const place = views.indexOf(view);
  const showMenu = (event: React.MouseEvent) => {
    event.preventDefault();
    event.stopPropagation(); // JupyterLab has a menu for outputs
    onOpen(id);
    const copy: MenuItem = { label: trans.__('Duplicate'), icon: duplicateIcon, run: () => onDuplicate(id) };
    const items = [
      { label: trans.__('Rename'), icon: editIcon, run: onBegin },
      ...(kind === 'chart' ? [copy] : []),
      ...(place > 0 ? [{ label: trans.__('Move left'), run: () => onMove(id, place - 1) }] : []),
      ...(place < views.length - 1 ? [{ label: trans.__('Move right'), run: () => onMove(id, place + 1) }] : []),
      { label: trans.__('Remove'), icon: deleteIcon, run: () => onRemove(id) }
    ];
    openMenu(items, button.current!);
  };
  return (
    <button
      ref={button}
      {...tab}
      {...dragging(props, place)}
      title={trans.__('%1 (double click to rename)', name)}
      aria-label={name}
      aria-haspopup="menu"
      onDoubleClick={onBegin}
      onContextMenu={showMenu}
      onKeyDown={event => event.key === 'F2' && onBegin()}
    >
      <span className="jp-Dbx-tabName">{name}</span>
      {id === open && (
        <span className="jp-Dbx-tabMenu" aria-hidden="true" title={trans.__('More actions')} onClick={showMenu}>
          <caretDownIcon.react tag="span" />
        </span>
      )}
    </button>
  );
}

/** Return what lets a tab be dragged, and lets another one be dropped at its place. */
function dragging({ view: { id }, dragged, onDrag, onMove }: ViewTabProps, place: number) {
  const isTarget = dragged !== '' && dragged !== id;
  return {
    draggable: true,
    onDragStart: (event: React.DragEvent) => {
      event.dataTransfer.effectAllowed = 'move';
      event.dataTransfer.setData('application/x-dbx-view', id); // no text, which an editor would take
      onDrag(id);
    },
    onDragEnd: () => onDrag(''),
    onDragOver: (event: React.DragEvent) => isTarget && event.preventDefault(), // it can be dropped here
    onDrop: (event: React.DragEvent) => {
      event.preventDefault();
      onMove(dragged, place);
    }
  };
}

interface NameInputProps extends Pick<ViewTabsProps, 'trans' | 'onRename'> {
  view: View;
  onEnd(): void;
}

/** The name while it is edited: Enter keeps it, and Escape does not. */
function NameInput({ view, trans, onRename, onEnd }: NameInputProps): JSX.Element {
  const end = (name: string) => {
    if (name.trim()) {
      onRename(view.id, name.trim());
    }
    onEnd();
  };
  return (
    <input
      className="jp-Dbx-tabName"
      aria-label={trans.__('Name of the view')}
      defaultValue={view.name}
      size={Math.max(8, view.name.length)}
      ref={input => input?.focus()}
      onFocus={event => event.target.select()}
      onBlur={event => end(event.target.value)}
      onKeyDown={event => {
        event.stopPropagation(); // the arrow keys move in the text
        if (event.key === 'Enter') {
          end(event.currentTarget.value);
        } else if (event.key === 'Escape') {
          end('');
        }
      }}
    />
  );
}
