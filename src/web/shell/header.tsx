import './header.css';
import { Link } from '@tanstack/react-router';
import { ChevronDown } from 'lucide-react';
import { useMe } from '../api/me.js';
import { Shown } from '../parts/said/shown.js';
import { texts } from '../texts/en.js';
import { useSections, type Section } from './sections.js';
import { SignOut } from './sign-out.js';

/** The name of the product, the sections, and who is signed in. */
export function Header() {
  const sections = useSections();
  const daily = sections.filter(({ isAdministration }) => isAdministration !== true);
  const administration = sections.filter(({ isAdministration }) => isAdministration === true);
  return (
    <header className="header">
      <Link to="/" className="header-product">
        {texts.shell.product}
      </Link>
      <nav className="header-sections" aria-label={texts.shell.sections}>
        <ul>
          {[...daily, ...administration].map((section) => (
            <SectionLink key={section.to} section={section} />
          ))}
        </ul>
      </nav>
      <PersonMenu />
    </header>
  );
}

function SectionLink({ section: { to, name } }: { readonly section: Section }) {
  return (
    <li>
      <Link to={to} activeProps={{ 'aria-current': 'page' }}>
        {name}
      </Link>
    </li>
  );
}

function PersonMenu() {
  const { principal, roles } = useMe();
  return (
    <details className="header-person">
      <summary>
        <Shown text={principal.displayName ?? principal.name} /> <ChevronDown aria-hidden />
      </summary>
      <div className="header-person-menu">
        <p className="soft">{roles.join(', ')}</p>
        <p>
          <Link to="/me">{texts.shell.me}</Link>
        </p>
        <SignOut />
      </div>
    </details>
  );
}
