import './tabs.css';
import type { ReactNode } from 'react';
import { Tab, TabList, TabPanel, Tabs as AriaTabs } from 'react-aria-components';

export interface TabsProps<Name extends string> {
  readonly label: string;
  readonly tabs: readonly { readonly name: Name; readonly title: ReactNode }[];
  readonly chosen: Name;
  readonly onChoose: (name: Name) => void;
  /** What the chosen one has. */
  readonly children: ReactNode;
}

/** Tabs of which one is shown; the others are not there. */
export function Tabs<Name extends string>({ label, tabs, chosen, onChoose, children }: TabsProps<Name>) {
  return (
    <AriaTabs
      selectedKey={chosen}
      onSelectionChange={(key) => {
        const tab = tabs.find(({ name }) => name === key);
        if (tab !== undefined) onChoose(tab.name);
      }}
    >
      <TabList aria-label={label} className="tabs-list">
        {tabs.map(({ name, title }) => (
          <Tab key={name} id={name}>
            {title}
          </Tab>
        ))}
      </TabList>
      <TabPanel key={chosen} id={chosen}>
        {children}
      </TabPanel>
    </AriaTabs>
  );
}
