/**
 * The facts about a cluster, and its spec: as the form has it, read-only, or as JSON.
 */
import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

import { failureOf, isSingleNode } from '../../model/cluster';
import type { Cluster, NodeType, Spec } from '../../model/wire';
import * as words from '../../model/words';
import { KeyValue } from '../ui/marks';
import { Segmented, viewChoices } from '../ui/Segmented';
import { useLoaded } from '../useLoaded';
import type { TabProps } from './page';

/** The tab. */
export function Configuration({ cluster, clusterId, model, trans }: TabProps): JSX.Element {
  // An error needs no message here: the side panel shows that the server is not responding.
  const load = React.useCallback(() => model.get(clusterId), [model, clusterId]);
  const spec = useLoaded(load, cluster.state).value?.spec;
  const [view, setView] = React.useState('form');
  const types = model.catalogue?.nodeTypes ?? [];
  return (
    <>
      <Segmented label={trans.__('View')} value={view} choices={viewChoices(trans)} onChange={setView} />
      {view === 'json' ? (
        <pre className="jp-Dbx-pre">{spec && JSON.stringify(spec, null, 2)}</pre>
      ) : (
        <div className="jp-Dbx-sections">
          <General cluster={cluster} trans={trans} />
          <Nodes cluster={cluster} types={types} trans={trans} />
          <Pairs title={trans.__('Spark config')} pairs={spec?.spark_conf} />
          <Pairs title={trans.__('Environment variables')} pairs={spec?.spark_env_vars} />
          <Pairs title={trans.__('Tags')} pairs={spec?.custom_tags} />
        </div>
      )}
    </>
  );
}

interface SectionProps {
  cluster: Cluster;
  trans: TranslationBundle;
}

function Section({ title, children }: { title: string; children: React.ReactNode }): JSX.Element {
  return (
    <section className="jp-Dbx-section" aria-label={title}>
      <h3>{title}</h3>
      {children}
    </section>
  );
}

function General({ cluster, trans }: SectionProps): JSX.Element {
  const now = Date.now();
  return (
    <Section title={trans.__('Cluster')}>
      <KeyValue
        facts={[
          [trans.__('Cluster ID'), <code key="id">{cluster.cluster_id}</code>],
          [trans.__('Created'), trans.__('%1 by %2', words.timeWords(cluster.start_time), cluster.creator_user_name)],
          [trans.__('Load'), words.loadWords(cluster, trans)],
          [trans.__('Uptime'), words.uptimeWords(cluster, now, trans)],
          [trans.__('Termination'), words.terminationWords(cluster, now, trans)],
          [trans.__('Message'), !failureOf(cluster) && cluster.state_message]
        ]}
      />
    </Section>
  );
}

function Nodes({ cluster, types, trans }: SectionProps & { types: readonly NodeType[] }): JSX.Element {
  const isSingle = isSingleNode(cluster);
  const bounds = cluster.autoscale;
  const nodeOf = (id: string) => `${words.nodeWords(id, types, trans)} (${id})`;
  const workers = bounds
    ? trans.__('%1 to %2 (autoscaling), %3 now', bounds.min_workers, bounds.max_workers, cluster.num_workers)
    : `${cluster.num_workers}`;
  return (
    <Section title={trans.__('Nodes')}>
      <KeyValue
        facts={[
          [trans.__('Cluster mode'), isSingle ? trans.__('Single node') : trans.__('Multi node')],
          [trans.__('Workers'), !isSingle && workers],
          [trans.__('Worker type'), !isSingle && nodeOf(cluster.node_type_id ?? '')],
          [isSingle ? trans.__('Node type') : trans.__('Driver type'), nodeOf(cluster.driver_node_type_id)],
          // Databricks' key of the version says little about what runs.
          [trans.__('Spark version'), cluster.apache_spark_version || cluster.spark_version]
        ]}
      />
    </Section>
  );
}

/** Properties that a user has set; nothing if there are none. */
function Pairs({ title, pairs }: { title: string; pairs: Spec['spark_conf'] }): JSX.Element | null {
  const facts = Object.entries(pairs ?? {}).map(
    ([key, value]) => [<code key="key">{key}</code>, <code key="value">{value}</code>] as const
  );
  return facts.length ? (
    <Section title={title}>
      <KeyValue facts={facts} />
    </Section>
  ) : null;
}
