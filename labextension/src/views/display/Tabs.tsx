/**
 * Tabs that the arrow keys move between.
 */
import * as React from 'react';

interface TabsProps<T extends string> {
  names: { [id in T]?: string };
  open: T;
  onOpen(tab: T): void;
}

/** A list of tabs. */
export function Tabs<T extends string>({ names, open, onOpen }: TabsProps<T>): JSX.Element {
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
        <button
          key={id}
          role="tab"
          aria-selected={id === open}
          tabIndex={id === open ? 0 : -1}
          onClick={() => onOpen(id)}
        >
          {names[id]}
        </button>
      ))}
    </div>
  );
}
