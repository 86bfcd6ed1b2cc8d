/**
 * Every part of our visual language in every state, on one page: for those who change it, and for tests.
 */
import { Progress } from '@jupyter/react-components';
import { deleteIcon, ellipsesIcon, ReactWidget, runIcon, stopIcon } from '@jupyterlab/ui-components';
import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

import { Meter } from '../Meter';
import { Button, IconButton } from './Button';
import { Checkbox, Choice, CodeArea, RadioChoice, Select, Stepper, TextInput } from './Fields';
import { EmptyState, Health, KeyValue, Sparkline, StateDot } from './marks';
import { Segmented } from './Segmented';
import { Tabs } from './Tabs';

/** The page. */
export class GalleryWidget extends ReactWidget {
  constructor(private readonly trans: TranslationBundle) {
    super();
    this.addClass('jp-Dbx-pageTab');
  }

  protected render(): JSX.Element {
    return <Gallery trans={this.trans} />;
  }
}

interface GalleryProps {
  trans: TranslationBundle;
}

const nothing = () => undefined;

function Gallery({ trans }: GalleryProps): JSX.Element {
  return (
    <div className="jp-Dbx-page jp-Dbx-gallery">
      <Section title={trans.__('Buttons')}>
        <Buttons trans={trans} />
      </Section>
      <Section title={trans.__('Fields')}>
        <Fields trans={trans} />
      </Section>
      <Section title={trans.__('Choices')}>
        <Choices trans={trans} />
      </Section>
      <Section title={trans.__('Marks')}>
        <Marks trans={trans} />
      </Section>
    </div>
  );
}

function Section({ title, children }: { title: string; children: React.ReactNode }): JSX.Element {
  return (
    <section aria-label={title}>
      <h3>{title}</h3>
      {children}
    </section>
  );
}

function Buttons({ trans }: GalleryProps): JSX.Element {
  return (
    <div className="jp-Dbx-buttons">
      <Button purpose="primary">{trans.__('Create')}</Button>
      <Button>{trans.__('Cancel')}</Button>
      <Button purpose="danger" icon={stopIcon}>
        {trans.__('Terminate')}
      </Button>
      <Button purpose="primary" disabled title={trans.__('Reason')}>
        {trans.__('Disabled')}
      </Button>
      <Button hasMenu>{trans.__('More')}</Button>
      <IconButton icon={runIcon} label={trans.__('Start')} onClick={nothing} />
      <IconButton icon={stopIcon} label={trans.__('Stop')} isDanger onClick={nothing} />
      <IconButton icon={deleteIcon} label={trans.__('Delete')} disabled onClick={nothing} />
      <IconButton icon={ellipsesIcon} label={trans.__('More actions')} hasMenu onClick={nothing} />
    </div>
  );
}

function Fields({ trans }: GalleryProps): JSX.Element {
  const [text, setText] = React.useState('etl');
  const [count, setCount] = React.useState('2');
  return (
    <div className="jp-Dbx-columns">
      <TextInput label={trans.__('Text')} value={text} onChange={setText} hint={trans.__('A hint.')} />
      <TextInput label={trans.__('Text, invalid')} value="" onChange={nothing} error={trans.__('Enter a name.')} />
      <TextInput label={trans.__('Text, disabled')} value="etl" disabled onChange={nothing} />
      <Stepper label={trans.__('Number')} value={count} min={1} onChange={setCount} />
      <CodeArea label={trans.__('Code')} value="spark.sql.ansi.enabled true" rows={3} onChange={nothing} />
    </div>
  );
}

function Choices({ trans }: GalleryProps): JSX.Element {
  const [value, setValue] = React.useState('one');
  const [isOn, setIsOn] = React.useState(true);
  const choices: Choice[] = [
    ['one', trans.__('One')],
    ['two', trans.__('Two')],
    ['three', trans.__('Three')]
  ];
  const tabs = choices.map(([id, label]) => ({ id, label, render: () => <p>{label}</p> }));
  const shared = { value, choices, onChange: setValue };
  return (
    <>
      <div className="jp-Dbx-columns">
        <Select label={trans.__('Select')} {...shared} />
        <RadioChoice label={trans.__('Radio')} {...shared} />
        <Segmented label={trans.__('Segmented')} {...shared} />
        <Checkbox label={trans.__('Checkbox')} checked={isOn} onChange={setIsOn} />
      </div>
      <Tabs tabs={tabs} open={value} onOpen={setValue} />
    </>
  );
}

function Marks({ trans }: GalleryProps): JSX.Element {
  const healths: Health[] = ['up', 'changing', 'failed', 'down'];
  const wave = Array.from({ length: 30 }, (_, index) => 0.5 + 0.5 * Math.sin(index / 3));
  return (
    <div className="jp-Dbx-columns">
      <KeyValue
        facts={[
          ...healths.map(health => [health, <StateDot key={health} health={health} />] as const),
          [trans.__('Sparkline'), <Sparkline key="wave" values={wave} most={30} label={trans.__('Sparkline')} />],
          [trans.__('Sparkline, empty'), <Sparkline key="flat" values={[]} most={30} label={trans.__('Empty')} />],
          [trans.__('Meter'), <Meter key="meter" part={0.6} label={trans.__('Meter')} />],
          [trans.__('Progress'), <Progress key="part" value={40} min={0} max={100} aria-label={trans.__('Progress')} />]
        ]}
      />
      <EmptyState title={trans.__('No clusters yet')}>
        <p>{trans.__('What to do next.')}</p>
        <Button purpose="primary">{trans.__('Create cluster')}</Button>
      </EmptyState>
    </div>
  );
}
