import { Tab, TabList, TabPanel, Tabs } from 'react-aria-components';
import { useMay } from '../api/me.js';
import { texts } from '../texts/en.js';
import { DifferencePanel } from './difference/difference-panel.js';
import { HistoryPanel } from './difference/history-panel.js';
import type { PolicyPanelProps } from './draft/policy-draft.js';
import { ReplayPanel } from './replay/replay-panel.js';
import { TryPanel } from './trial/try-panel.js';

/** What the text would do, how it differs, and what it was before. */
export function PolicyPanels(props: PolicyPanelProps) {
  const mayTry = useMay('policy.try');
  const mayWrite = useMay('policy.write');
  const { tabs } = texts.policyPanels;
  return (
    <section aria-label={texts.policies.panels}>
      <Tabs className="policy-tabs">
        <TabList aria-label={texts.policies.panels}>
          {mayTry ? <Tab id="try">{tabs.try}</Tab> : null}
          {mayWrite ? <Tab id="replay">{tabs.replay}</Tab> : null}
          {mayWrite ? <Tab id="difference">{tabs.difference}</Tab> : null}
          <Tab id="history">{tabs.history}</Tab>
        </TabList>
        {mayTry ? (
          <TabPanel id="try" shouldForceMount>
            <TryPanel {...props} />
          </TabPanel>
        ) : null}
        {mayWrite ? (
          <TabPanel id="replay" shouldForceMount>
            <ReplayPanel {...props} />
          </TabPanel>
        ) : null}
        {mayWrite ? (
          <TabPanel id="difference">
            <DifferencePanel {...props} />
          </TabPanel>
        ) : null}
        <TabPanel id="history">
          <HistoryPanel {...props} />
        </TabPanel>
      </Tabs>
    </section>
  );
}
