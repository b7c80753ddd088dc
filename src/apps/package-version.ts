import { readFileSync } from 'node:fs';
import { readForm, type TypedForm } from '../kernel/json-form.js';

/** It is written by hand: the package that schemas are written with takes longer to load than the shortest commands. */
const PACKAGE_FORM: TypedForm<{ readonly version: string }> = {
  type: 'object',
  properties: { version: { type: 'string' } },
  required: ['version'],
};

/** The version of this package. @throws Error where its package.json has none */
export function packageVersion(): string {
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
  const { data } = readForm(PACKAGE_FORM, JSON.parse(text));
  if (data === undefined) throw new Error('The package.json of this package has no version');
  return data.version;
}
