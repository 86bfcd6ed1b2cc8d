/**
 * The lines of the list to choose a cluster from.
 */
import type { TranslationBundle } from '@jupyterlab/translation';
import { checkIcon } from '@jupyterlab/ui-components';
import * as React from 'react';

import { needsStart } from '../../model/choices';
import { dotOf, nameOf } from '../../model/cluster';
import type { Cluster } from '../../model/wire';
import { stateWord } from '../../model/words';
import { StateDot } from '../ui/marks';

/** What a line shows, and what the pointer does. */
export interface ItemProps {
  id: string;
  isActive: boolean;
  isChosen?: boolean;
  label: string;
  title?: string;
  children: React.ReactNode;
  /** the pointer is on it */
  onPoint(): void;
  onRun(): void;
}

/** One line of the list. */
export function Item({
  id,
  isActive,
  isChosen = false,
  label,
  title,
  children,
  onPoint,
  onRun
}: ItemProps): JSX.Element {
  const element = React.useRef<HTMLDivElement>(null);
  React.useEffect(() => {
    if (isActive) {
      element.current?.scrollIntoView?.({ block: 'nearest' });
    }
  }, [isActive]);
  return (
    <div
      ref={element}
      id={id}
      role="option"
      aria-selected={isChosen}
      aria-label={label}
      title={title}
      className={`jp-Dbx-chooserItem${isActive ? ' jp-mod-active' : ''}`}
      onMouseMove={onPoint}
      onClick={onRun}
    >
      {children}
    </div>
  );
}

interface ClusterItemProps extends Omit<ItemProps, 'label' | 'title' | 'children'> {
  cluster: Cluster;
  size: string;
  trans: TranslationBundle;
}

/** A cluster: its state, name and size. */
export function ClusterItem({ cluster, size, trans, ...item }: ClusterItemProps): JSX.Element {
  const note = needsStart(cluster) ? trans.__('start and attach') : stateWord(cluster.state, trans);
  return (
    <Item {...item} label={`${nameOf(cluster)} (${note}) · ${size}`} title={nameOf(cluster)}>
      <span className="jp-Dbx-chooserMark">
        <StateDot health={dotOf(cluster)} />
      </span>
      <span className="jp-Dbx-chooserText">
        <span className="jp-Dbx-name">{nameOf(cluster)}</span>
        <span className="jp-Dbx-chooserSize">{size}</span>
      </span>
      <span className="jp-Dbx-state">{note}</span>
      <span className="jp-Dbx-chooserMark">{item.isChosen && <checkIcon.react tag="span" />}</span>
    </Item>
  );
}

/** What the list shows if it has no cluster. */
export function NoneFound({ query, trans }: { query: string; trans: TranslationBundle }): JSX.Element {
  const text = query ? trans.__('No clusters match “%1”.', query) : trans.__('No clusters yet');
  return <div className="jp-Dbx-chooserNone">{text}</div>;
}
