/**
 * A tab whose cluster is not in the list.
 */
import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

import type { ClusterSource } from '../../model/clusterSource';
import type { Remembered } from '../../model/remembered';
import { timeWords } from '../../model/words';
import { Problem } from '../Problem';

/** What the view needs. */
export interface MissingProps {
  model: Pick<ClusterSource, 'all' | 'problem'>;
  remembered: Remembered;
  trans: TranslationBundle;
}

/** Says that the cluster was deleted, or that the list is not loaded. */
export function MissingCluster({ model, remembered, trans }: MissingProps): JSX.Element {
  const { clusterId, name, goneMs } = remembered;
  if (model.all === null) {
    return (
      <div className="jp-Dbx-empty">
        {model.problem ? <Problem text={model.problem} /> : trans.__('Loading cluster %1…', name)}
      </div>
    );
  }
  return (
    <div className="jp-Dbx-empty" role="status">
      <p>{trans.__('Cluster %1 no longer exists.', name)}</p>
      {name !== clusterId && <p>{trans.__('ID: %1', clusterId)}</p>}
      {goneMs > 0 && <p>{trans.__('Deleted: %1', timeWords(goneMs))}</p>}
    </div>
  );
}
