import type { SettingView } from '../../contracts/broker/setting.js';
import { Section } from '../parts/section.js';
import { Shown } from '../parts/said/shown.js';
import { Table } from '../parts/list/table.js';
import { texts } from '../texts/en.js';
import './settings.css';

/** What the environment of the api decides, with the names of the variables. */
export function EnvironmentPart({ settings }: { readonly settings: readonly SettingView[] }) {
  const { broker: words } = texts;
  return (
    <Section title={words.environment}>
      <p className="soft">{words.environmentText}</p>
      <Table caption={words.environmentCaption} head={[words.setting, words.value, words.source, words.what]} stacks>
        {settings.map((setting) => (
          <tr key={setting.name}>
            <th scope="row" data-label={words.setting} className="setting-name">
              <code>{setting.name}</code>
            </th>
            <td data-label={words.value}>
              <SettingValue setting={setting} />
            </td>
            <td data-label={words.source}>{words.sources[setting.source]}</td>
            <td data-label={words.what} className="setting-about">
              {setting.about}
            </td>
          </tr>
        ))}
      </Table>
    </Section>
  );
}

function SettingValue({ setting: { isSecret, value, source, otherwise } }: { readonly setting: SettingView }) {
  const { broker: words } = texts;
  if (value !== null) return <Shown text={value} className="mono" />;
  const isSet = source !== 'default';
  return (
    <span className="soft">
      {isSecret ? (isSet ? words.secretSet : words.secretUnset) : words.notSet}
      {isSet || otherwise === null ? null : <span className="setting-otherwise">{words.otherwise(otherwise)}</span>}
    </span>
  );
}
