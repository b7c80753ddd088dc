import './me.css';
import { useState } from 'react';
import { switchSingleKeys, useSingleKeys } from '../keys/keys.js';
import { chooseNotices, useNoticeChoice } from '../notices/notice-choice.js';
import { Choices } from '../parts/form/choices.js';
import { Section } from '../parts/section.js';
import { chooseTheme, chosenTheme, type Theme, THEMES } from '../theme/theme.js';
import { texts } from '../texts/en.js';

/** What somebody chooses for this browser: colours, keys, notices. */
export function Choosing() {
  const { me: words } = texts;
  return (
    <Section title={words.look}>
      <p className="soft">{words.kept}</p>
      <div className="choosing">
        <ThemeChoice />
        <KeysChoice />
        <NoticesChoice />
      </div>
    </Section>
  );
}

function ThemeChoice() {
  const [theme, setTheme] = useState<Theme>(chosenTheme);
  const { me: words } = texts;
  return (
    <Choices
      legend={words.theme}
      isOne
      choices={THEMES.map((value) => ({ value, label: words.themes[value] }))}
      chosen={[theme]}
      onChange={([chosen = 'system']) => {
        chooseTheme(chosen);
        setTheme(chosen);
      }}
    />
  );
}

function KeysChoice() {
  const isOn = useSingleKeys();
  const { me: words } = texts;
  return (
    <div>
      <Choices
        legend={words.keys}
        choices={[{ value: 'on', label: words.keysOn }]}
        chosen={isOn ? ['on'] : []}
        onChange={(chosen) => switchSingleKeys(chosen.length > 0)}
      />
      <p className="field-hint">{words.keysHint}</p>
    </div>
  );
}

function NoticesChoice() {
  const choice = useNoticeChoice();
  const { me: words } = texts;
  const isPossible = choice === 'on' || choice === 'off';
  return (
    <div>
      {isPossible ? (
        <Choices
          legend={words.notices}
          choices={[{ value: 'on', label: words.noticesOn }]}
          chosen={choice === 'on' ? ['on'] : []}
          onChange={(chosen) => void chooseNotices(chosen.length > 0)}
        />
      ) : (
        <strong>{words.notices}</strong>
      )}
      <p className="field-hint">
        {choice === 'blocked'
          ? words.noticesBlocked
          : choice === 'impossible'
            ? words.noticesImpossible
            : words.noticesHint}
      </p>
    </div>
  );
}
