/**
 * Spark's own pages, inside the page of a cluster.
 */
import * as React from 'react';

import type { PageProps } from './page';

/** What Spark's pages may do in their frame. */
export const SANDBOX = [
  'allow-scripts',
  'allow-same-origin',
  'allow-forms',
  'allow-popups',
  'allow-downloads'
] as const;

/** The pages of the driver, and those of the master. */
export function SparkUi({ model, clusterId, cluster, trans, actions }: PageProps): JSX.Element {
  const [ofMaster, setOfMaster] = React.useState(false);
  if (!cluster?.spark_ui_url) {
    return <div className="jp-Dbx-empty">{trans.__('Spark has its pages only while the cluster is up.')}</div>;
  }
  const url = ofMaster ? model.masterUiUrl(clusterId) : model.sparkUiUrl(clusterId);
  return (
    <>
      <div className="jp-Dbx-buttons">
        {cluster.master_ui_url && (
          <label className="jp-Dbx-tick">
            <input type="checkbox" checked={ofMaster} onChange={event => setOfMaster(event.target.checked)} />
            {trans.__('The master’s page')}
          </label>
        )}
        <button className="jp-Dbx-link" onClick={actions.onOpenSparkUi}>
          {trans.__('Open beside the notebook')}
        </button>
        <a className="jp-Dbx-link" href={url} target="_blank" rel="noreferrer">
          {trans.__('Open in a browser tab')}
        </a>
      </div>
      <iframe key={url} className="jp-Dbx-frame" title={trans.__('Spark UI')} src={url} sandbox={SANDBOX.join(' ')} />
    </>
  );
}
