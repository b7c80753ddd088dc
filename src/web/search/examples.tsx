import { Link } from '@tanstack/react-router';
import { texts } from '../texts/en.js';

const { search: words } = texts;

/** What can be searched for, before anything is. */
export function Examples() {
  return (
    <>
      <p>{words.begin}</p>
      <h2>{words.examplesTitle}</h2>
      <ul className="search-examples">
        {words.examples.map(([q, what]) => (
          <li key={q}>
            <Link to="/search" search={{ q }} className="mono">
              {q}
            </Link>
            <span>{what}</span>
          </li>
        ))}
      </ul>
      <p className="soft">{words.neverSearched}</p>
      <p className="soft">{words.recorded}</p>
    </>
  );
}
