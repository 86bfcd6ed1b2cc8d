/**
 * The page of one cluster, with its tabs.
 */
import { ellipsesIcon } from '@jupyterlab/ui-components';
import * as React from 'react';

import { dotOf, failureOf, nameOf } from '../../model/cluster';
import { foreignOwner } from '../../model/permissions';
import type { State } from '../../model/wire';
import { sizeWords, stateWord, terminationWords } from '../../model/words';
import { Button, IconButton } from '../ui/Button';
import { StateDot } from '../ui/marks';
import { Tabs } from '../ui/Tabs';
import { Configuration } from './Configuration';
import { EventLog } from './EventLog';
import { LogView } from './LogView';
import { Metrics } from './Metrics';
import { Notebooks } from './Notebooks';
import type { TabProps } from './page';
import { Resources } from './Resources';
import { SparkUi } from './SparkUi';
import { StartTimeline } from './StartTimeline';

/** States in which the page shows how the start goes on. */
const STARTING: readonly State[] = ['PENDING', 'RESTARTING'];

/** The page. */
export function ClusterPage(props: TabProps): JSX.Element {
  const { cluster } = props;
  const failure = failureOf(cluster);
  return (
    <div className="jp-Dbx-page">
      <Header {...props} />
      {failure && (
        <pre className="jp-Dbx-failure" role="alert">
          {failure}
        </pre>
      )}
      {STARTING.includes(cluster.state) && <StartTimeline {...props} cluster={cluster} />}
      <PageTabs {...props} />
    </div>
  );
}

function Header({ cluster, trans, model, actions }: TabProps): JSX.Element {
  const owner = foreignOwner(cluster, model.user);
  const facts = [
    stateWord(cluster.state, trans),
    sizeWords(cluster, model.catalogue?.nodeTypes ?? [], trans),
    terminationWords(cluster, Date.now(), trans),
    owner && trans.__('Owner: %1', owner)
  ];
  return (
    <header className="jp-Dbx-pageHead">
      <div className="jp-Dbx-pageName">
        <StateDot health={dotOf(cluster)} />
        <h2>{nameOf(cluster)}</h2>
        <div>{facts.filter(fact => fact).join(' · ')}</div>
      </div>
      <div className="jp-Dbx-buttons">
        {actions.buttonsOf(cluster).map(({ label, purpose, icon, refusal, run }) => (
          <Button key={label} purpose={purpose} icon={icon} refusal={refusal} onClick={run}>
            {label}
          </Button>
        ))}
        <Button hasMenu onClick={event => actions.onMonitor(cluster, ...below(event))}>
          {trans.__('Monitor')}
        </Button>
        <IconButton
          icon={ellipsesIcon}
          label={trans.__('More actions')}
          hasMenu
          onClick={event => actions.onMore(cluster, ...below(event))}
        />
      </div>
    </header>
  );
}

/** Return the place of a menu below the button that opens it, px. */
function below({ currentTarget }: React.MouseEvent<HTMLElement>): [x: number, y: number] {
  const { left, bottom } = currentTarget.getBoundingClientRect();
  return [left, bottom];
}

/** Id, label and component of a tab. */
type Kind = [string, string, (props: TabProps) => JSX.Element];

function PageTabs(props: TabProps): JSX.Element {
  const { cluster, trans } = props;
  const [open, setOpen] = React.useState('configuration');
  const kinds: Kind[] = [
    ['configuration', trans.__('Configuration'), Configuration],
    ['notebooks', trans.__('Notebooks (%1)', cluster.live?.notebooks.length ?? 0), Notebooks],
    ['events', trans.__('Event log'), EventLog],
    ['spark-ui', trans.__('Spark UI'), SparkUi],
    ['logs', trans.__('Logs'), LogView],
    ['metrics', trans.__('Metrics'), Metrics],
    ['resources', trans.__('Resources'), Resources]
  ];
  const tabs = kinds.map(([id, label, Content]) => ({ id, label, render: () => <Content {...props} /> }));
  return <Tabs tabs={tabs} open={open} onOpen={setOpen} />;
}
