/**
 * A tab whose cluster is not in the list.
 */
import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

import type { ClusterSource } from '../../model/clusterSource';
import type { Remembered } from '../../model/remembered';
import { timeWords } from '../../model/words';
import { Problem } from '../Problem';
import { EmptyState, KeyValue } from '../ui/marks';

/** What the view needs. */
export interface MissingProps {
  model: Pick<ClusterSource, 'all' | 'problem'>;
  remembered: Remembered;
  trans: TranslationBundle;
}

/** Says that the cluster is gone, or that the list is not loaded. */
export function MissingCluster({ model, remembered, trans }: MissingProps): JSX.Element {
  const { clusterId, name, owner, goneMs } = remembered;
  if (model.all === null) {
    return model.problem ? (
      <Problem text={model.problem} />
    ) : (
      <EmptyState title={trans.__('Loading cluster %1…', name)} />
    );
  }
  const title = owner
    ? trans.__('Cluster %1 was deleted, or is no longer shared with you.', name)
    : trans.__('Cluster %1 no longer exists.', name);
  return (
    <div role="status">
      <EmptyState title={title}>
        <KeyValue
          facts={[
            [trans.__('Cluster ID'), name !== clusterId && <code key="id">{clusterId}</code>],
            [trans.__('Owner'), owner],
            [owner ? trans.__('Unavailable since') : trans.__('Deleted'), goneMs > 0 && timeWords(goneMs)]
          ]}
        />
      </EmptyState>
    </div>
  );
}
