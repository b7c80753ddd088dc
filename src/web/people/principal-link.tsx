import { Link } from '@tanstack/react-router';
import { Shown } from '../parts/said/shown.js';

/** A principal's name, which leads to its page. */
export function PrincipalLink({ name }: { readonly name: string }) {
  return (
    <Link to="/people/$name" params={{ name }}>
      <Shown text={name} />
    </Link>
  );
}
