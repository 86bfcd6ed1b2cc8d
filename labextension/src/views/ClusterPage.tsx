/**
 * One cluster: Configuration, Notebooks, Event log, Logs, Metrics, Spark UI, Resources.
 */
import * as React from 'react';

import type { Cluster, Spec } from '../services/wire';
import { EventLog } from './EventLog';
import { LogView } from './LogView';
import { Metrics } from './Metrics';
import { Notebooks } from './Notebooks';
import type { PageProps } from './page';
import { Resources } from './Resources';
import { SparkUi } from './SparkUi';
import * as words from './words';

type Tab = 'configuration' | 'notebooks' | 'events' | 'logs' | 'metrics' | 'spark-ui' | 'resources';

/** The page. */
export function ClusterPage(props: PageProps): JSX.Element {
  const { cluster, trans, model, actions } = props;
  const [tab, setTab] = React.useState<Tab>('configuration');
  if (!cluster) {
    return <div className="jp-Dbx-empty">{trans.__('This cluster is not there any more.')}</div>;
  }
  const tabs: [Tab, string][] = [
    ['configuration', trans.__('Configuration')],
    ['notebooks', trans.__('Notebooks (%1)', cluster.live?.notebooks.length ?? 0)],
    ['events', trans.__('Event log')],
    ['spark-ui', trans.__('Spark UI')],
    ['logs', trans.__('Logs')],
    ['metrics', trans.__('Metrics')],
    ['resources', trans.__('Resources')]
  ];
  const failure = words.failureOf(cluster);
  return (
    <div className="jp-Dbx-page">
      <div className="jp-Dbx-line jp-Dbx-pageHead">
        <span className={`jp-Dbx-dot jp-mod-${words.dotOf(cluster)}`} aria-hidden="true" />
        <h2>{words.nameOf(cluster)}</h2>
        <span>{words.stateWord(cluster.state, trans)}</span>
        <span>{words.sizeWords(cluster, model.catalogue?.nodeTypes ?? [], trans)}</span>
        <span>{words.endingWords(cluster, Date.now(), trans)}</span>
        <span className="jp-Dbx-pageVerbs">
          {actions.verbsOf(cluster).map(({ label, run }) => (
            <button key={label} className="jp-mod-styled" onClick={run}>
              {label}
            </button>
          ))}
          <button
            className="jp-mod-styled"
            aria-haspopup="menu"
            onClick={event => {
              const { left, bottom } = event.currentTarget.getBoundingClientRect();
              actions.onMore(cluster, left, bottom);
            }}
          >
            {trans.__('More')}
          </button>
        </span>
      </div>
      {failure && (
        <pre className="jp-Dbx-failure" role="alert">
          {failure}
        </pre>
      )}
      <div className="jp-Dbx-tabs" role="tablist">
        {tabs.map(([name, label]) => (
          <button key={name} role="tab" aria-selected={tab === name} onClick={() => setTab(name)}>
            {label}
          </button>
        ))}
      </div>
      <div role="tabpanel" aria-label={tabs.find(([name]) => name === tab)![1]}>
        {tab === 'configuration' && <Configuration {...props} cluster={cluster} />}
        {tab === 'notebooks' && <Notebooks {...props} />}
        {tab === 'events' && <EventLog {...props} cluster={cluster} />}
        {tab === 'logs' && <LogView {...props} />}
        {tab === 'metrics' && <Metrics {...props} />}
        {tab === 'spark-ui' && <SparkUi {...props} />}
        {tab === 'resources' && <Resources {...props} />}
      </div>
    </div>
  );
}

function Configuration({ cluster, model, trans }: PageProps & { cluster: Cluster }): JSX.Element {
  const [spec, setSpec] = React.useState<Spec>();
  React.useEffect(() => {
    let isCurrent = true;
    model.get(cluster.cluster_id).then(
      found => isCurrent && setSpec(found.spec),
      () => undefined // the head says what is wrong
    );
    return () => {
      isCurrent = false;
    };
  }, [cluster.state, cluster.cluster_id]);
  const types = model.catalogue?.nodeTypes ?? [];
  const facts: [string, React.ReactNode][] = [
    [trans.__('Id'), <code key="id">{cluster.cluster_id}</code>],
    [trans.__('Size'), words.sizeWords(cluster, types, trans)],
    [trans.__('Driver'), words.nodeWords(cluster.driver_node_type_id, types, trans)],
    [trans.__('Load'), words.loadWords(cluster, trans)],
    [trans.__('Uptime'), words.uptimeWords(cluster, Date.now(), trans)],
    [trans.__('End'), words.endingWords(cluster, Date.now(), trans)],
    [trans.__('Message'), cluster.state_message],
    [trans.__('Created'), `${words.timeWords(cluster.start_time)}, ${cluster.creator_user_name}`]
  ];
  return (
    <>
      <dl className="jp-Dbx-dl">
        {facts
          .filter(([, value]) => value)
          .map(([name, value]) => (
            <React.Fragment key={name}>
              <dt>{name}</dt>
              <dd>{value}</dd>
            </React.Fragment>
          ))}
      </dl>
      {spec && (
        <>
          <h3>{trans.__('As the API has it')}</h3>
          <pre className="jp-Dbx-pre">{JSON.stringify(spec, null, 2)}</pre>
        </>
      )}
    </>
  );
}
