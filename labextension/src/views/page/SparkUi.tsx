/**
 * Spark's web UIs, inside the page of a cluster.
 */
import * as React from 'react';

import { Button } from '../ui/Button';
import { EmptyState } from '../ui/marks';
import { Segmented } from '../ui/Segmented';
import type { TabProps } from './page';

/** Permissions of Spark's pages in their frame: users of the cluster write them, so they are no pages of Jupyter. */
const SANDBOX = ['allow-scripts', 'allow-forms', 'allow-popups', 'allow-downloads'] as const;

/** What a page says whose ticket has expired; see `spark_pages.py`. */
const EXPIRED = 'jupyter-dbx:expired';

/** Properties of a frame. */
interface IFrameProps extends Pick<TabProps, 'cluster' | 'trans'> {
  /** the UI's address, and the page below it */
  root: string;
  path?: string;
}

/** One of Spark's pages in a frame, or why there is none. */
export function SparkUiFrame({ cluster, root, path = '', trans }: IFrameProps): JSX.Element {
  const frame = React.useRef<HTMLIFrameElement>(null);
  React.useEffect(() => {
    const onMessage = ({ source, data }: MessageEvent<{ type?: string; path?: string } | null>): void => {
      if (frame.current && source === frame.current.contentWindow && data?.type === EXPIRED) {
        frame.current.src = pageBelow(root, String(data.path)); // only requests of this page carry cookies
      }
    };
    window.addEventListener('message', onMessage);
    return () => window.removeEventListener('message', onMessage);
  }, [root]);
  const url = root + path;
  return cluster.spark_ui_url ? (
    <iframe
      key={url}
      ref={frame}
      className="jp-Dbx-frame"
      title={trans.__('Spark UI')}
      src={url}
      sandbox={SANDBOX.join(' ')}
    />
  ) : (
    <EmptyState title={trans.__('No Spark UI')}>
      {trans.__('The Spark UI is available only while the cluster is running.')}
    </EmptyState>
  );
}

/** Return the address of a page below the root; a path that leads elsewhere, which only a forged message has, leads to the root. */
export function pageBelow(root: string, path: string): string {
  const base = new URL(root, window.location.href);
  const page = new URL(`.${path}`, base);
  return page.href.startsWith(base.href) ? page.href : base.href;
}

/** The tab: the UI of the driver, or that of the master. */
export function SparkUi({ model, clusterId, cluster, trans, actions }: TabProps): JSX.Element {
  const [isMaster, setIsMaster] = React.useState(false);
  const url = isMaster ? model.masterUiUrl(clusterId) : model.sparkUiUrl(clusterId);
  const frame = <SparkUiFrame cluster={cluster} root={url} trans={trans} />;
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
