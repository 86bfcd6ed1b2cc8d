/**
 * Spark's web UIs, inside the page of a cluster.
 */
import * as React from 'react';

import { Button } from '../ui/Button';
import { Segmented } from '../ui/Segmented';
import type { TabProps } from './page';

/** Permissions of Spark's pages in their frame. */
const SANDBOX = ['allow-scripts', 'allow-same-origin', 'allow-forms', 'allow-popups', 'allow-downloads'] as const;

/** One of Spark's pages in a frame, or why there is none. */
export function SparkUiFrame({
  cluster,
  url,
  trans
}: Pick<TabProps, 'cluster' | 'trans'> & { url: string }): JSX.Element {
  return cluster.spark_ui_url ? (
    <iframe key={url} className="jp-Dbx-frame" title={trans.__('Spark UI')} src={url} sandbox={SANDBOX.join(' ')} />
  ) : (
    <div className="jp-Dbx-empty">{trans.__('The Spark UI is available only while the cluster is running.')}</div>
  );
}

/** The tab: the UI of the driver, or that of the master. */
export function SparkUi({ model, clusterId, cluster, trans, actions }: TabProps): JSX.Element {
  const [isMaster, setIsMaster] = React.useState(false);
  const url = isMaster ? model.masterUiUrl(clusterId) : model.sparkUiUrl(clusterId);
  const frame = <SparkUiFrame cluster={cluster} url={url} trans={trans} />;
  if (!cluster.spark_ui_url) {
    return frame;
  }
  return (
    <>
      <div className="jp-Dbx-buttons">
        {cluster.master_ui_url && (
          <Segmented
            label={trans.__('Web UI')}
            value={isMaster ? 'master' : 'driver'}
            choices={[
              ['driver', trans.__('Driver')],
              ['master', trans.__('Master')]
            ]}
            onChange={process => setIsMaster(process === 'master')}
          />
        )}
        <Button onClick={actions.onOpenSparkUi}>{trans.__('Open beside the notebook')}</Button>
        <a className="jp-Dbx-link" href={url} target="_blank" rel="noreferrer">
          {trans.__('Open in new browser tab')}
        </a>
      </div>
      {frame}
    </>
  );
}
