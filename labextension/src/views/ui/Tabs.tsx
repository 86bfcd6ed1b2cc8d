/**
 * Tabs of a page, by JupyterLab's toolkit.
 */
import { Tab, TabPanel, Tabs as ToolkitTabs } from '@jupyter/react-components';
import * as React from 'react';

/** Id, label and content of a tab. */
export interface TabItem {
  id: string;
  label: string;
  render(): JSX.Element;
}

interface TabsProps {
  tabs: readonly TabItem[];
  open: string;
  onOpen(id: string): void;
}

/** A strip of tabs, and the content of the open one. */
export function Tabs({ tabs, open, onOpen }: TabsProps): JSX.Element {
  const prefix = React.useId(); // ids are unique in the whole page
  return (
    <ToolkitTabs
      className="jp-Dbx-pageTabs"
      activeid={prefix + open}
      onChange={(event: unknown) => {
        const chosen = (event as CustomEvent<HTMLElement>).detail?.id;
        const id = chosen?.startsWith(prefix) ? chosen.slice(prefix.length) : open;
        if (id !== open) {
          onOpen(id);
        }
      }}
    >
      {tabs.map(({ id, label }) => (
        <Tab key={id} id={prefix + id}>
          {label}
        </Tab>
      ))}
      {tabs.map(({ id, render }) => (
        <TabPanel key={id} id={`${prefix}${id}-panel`}>
          {id === open && render()}
        </TabPanel>
      ))}
    </ToolkitTabs>
  );
}
