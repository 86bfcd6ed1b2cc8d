/**
 * The tabs of a result: its table, its charts, and its profile. The arrow keys move between them, F2 renames one.
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
            <ViewTab key={view.id} {...props} view={view} tab={isOpen(view.id)} onBegin={() => setRenamed(view.id)} />
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
  /** Begin to rename it. */
  onBegin(): void;
}

/** A tab with a menu of its own, which a right click, the menu key, or the mark of the open tab opens. */
function ViewTab({ view, open, tab, trans, onBegin, onOpen, onDuplicate, onRemove }: ViewTabProps): JSX.Element {
  const button = React.useRef<HTMLButtonElement>(null);
  const { id, kind, name } = view;
  const showMenu = (event: React.MouseEvent) => {
    event.preventDefault();
    event.stopPropagation(); // JupyterLab has a menu for outputs
    onOpen(id);
    const copy: MenuItem = { label: trans.__('Duplicate'), icon: duplicateIcon, run: () => onDuplicate(id) };
    const items = [
      { label: trans.__('Rename'), icon: editIcon, run: onBegin },
      ...(kind === 'chart' ? [copy] : []),
      { label: trans.__('Remove'), icon: deleteIcon, run: () => onRemove(id) }
    ];
    openMenu(items, button.current!);
  };
  return (
    <button
      ref={button}
      {...tab}
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
