import { useMe } from '../api/me.js';
import { Section } from '../parts/section.js';
import { texts } from '../texts/en.js';
import './me.css';

/** The permissions of the one who is signed in, in words. */
export function MayDo() {
  const { permissions } = useMe();
  return (
    <Section title={texts.me.may}>
      <ul className="may-do">
        {permissions.map((permission) => (
          <li key={permission}>
            {texts.roles.permission(permission)} <code className="soft">{permission}</code>
          </li>
        ))}
      </ul>
    </Section>
  );
}
