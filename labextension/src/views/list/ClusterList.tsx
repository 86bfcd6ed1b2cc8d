/**
 * The side panel's list of clusters: filtered and sorted, terminated ones folded away.
 */
import type { TranslationBundle } from '@jupyterlab/translation';
import { caretDownIcon, caretRightIcon } from '@jupyterlab/ui-components';
import * as React from 'react';

import { SOON_S, terminatesInS } from '../../model/cluster';
import { listOf, Order } from '../../model/clusterList';
import { foreignOwner } from '../../model/permissions';
import type { Cluster } from '../../model/wire';
import { Button } from '../ui/Button';
import { EmptyState } from '../ui/marks';
import { useNow } from '../ui/useNow';
import { ClusterRow } from './ClusterRow';
import { Filter } from './Filter';
import { RowContext, rowOf } from './row';

/** What the list needs. */
export interface ListProps extends Omit<RowContext, 'now'> {
  /** null = not loaded yet */
  clusters: readonly Cluster[] | null;
  /** why the list may be out of date; "" = it is current */
  problem: string;
  onCreate(): void;
}

/** All clusters. */
export function ClusterList(props: ListProps): JSX.Element {
  const { trans, problem, onCreate } = props;
  const all = props.clusters ?? [];
  const own = all.filter(cluster => !foreignOwner(cluster, props.user));
  const [wantsMine, setWantsMine] = React.useState(false);
  const isMine = wantsMine && own.length < all.length;
  const clusters = isMine ? own : all;
  const [query, setQuery] = React.useState('');
  const [order, setOrder] = React.useState<Order>('state');
  const [isUnfolded, setIsUnfolded] = React.useState(false);
  const isCounting = clusters.some(cluster => (terminatesInS(cluster, Date.now()) ?? Infinity) < SOON_S);
  const context: RowContext = { ...props, now: useNow(isCounting ? 5_000 : 30_000) };
  const { shown, folded } = listOf(clusters, query, order, trans);
  const isOpen = isUnfolded || query !== '' || shown.length === 0;
  return (
    <div className={`jp-Dbx-panel${problem && props.clusters ? ' jp-mod-stale' : ''}`}>
      {problem && (
        <div className="jp-Dbx-problem" role="alert">
          {problem} {props.clusters && trans.__('Clusters keep running. Retrying…')}
        </div>
      )}
      {all.length > 0 && (
        <Filter
          {...{ query, order, trans, setQuery, setOrder }}
          isMine={own.length < all.length ? isMine : null}
          setIsMine={setWantsMine}
        />
      )}
      {isMine && own.length === 0 && <EmptyState title={trans.__('You own no cluster.')} />}
      {props.clusters?.length === 0 && <Empty trans={trans} onCreate={onCreate} />}
      {clusters.length > 0 && shown.length + folded.length === 0 && (
        <EmptyState title={trans.__('No clusters match “%1”.', query)} />
      )}
      <Rows clusters={shown} context={context} label={trans.__('Clusters')} isBusy={props.clusters === null} />
      {folded.length > 0 && (
        <button className="jp-Dbx-fold" aria-expanded={isOpen} onClick={() => setIsUnfolded(!isOpen)}>
          {isOpen ? <caretDownIcon.react tag="span" /> : <caretRightIcon.react tag="span" />}
          {trans._n('%1 terminated', '%1 terminated', folded.length)}
        </button>
      )}
      {folded.length > 0 && isOpen && (
        <Rows clusters={folded} context={context} label={trans.__('Terminated clusters')} />
      )}
    </div>
  );
}

interface RowsProps {
  clusters: readonly Cluster[];
  context: RowContext;
  label: string;
  isBusy?: boolean;
}

function Rows({ clusters, context, label, isBusy }: RowsProps): JSX.Element {
  return (
    <div className="jp-Dbx-list" role="list" aria-label={label} aria-busy={isBusy}>
      {clusters.map(cluster => (
        <ClusterRow key={cluster.cluster_id} cluster={cluster} row={rowOf(cluster, context)} context={context} />
      ))}
    </div>
  );
}

function Empty({ trans, onCreate }: { trans: TranslationBundle; onCreate(): void }): JSX.Element {
  return (
    <EmptyState title={trans.__('No clusters yet')}>
      <p>
        {trans.__(
          'A cluster runs Spark: its driver schedules tasks and its workers run them. It keeps running when Jupyter stops, and several notebooks can share it.'
        )}
      </p>
      <p>
        {trans.__(
          'Create a cluster, then select it in the toolbar of a notebook with the kernel “Spark (jupyter-dbx)”. The variable “spark” is then available.'
        )}
      </p>
      <Button purpose="primary" onClick={onCreate}>
        {trans.__('Create cluster')}
      </Button>
    </EmptyState>
  );
}
