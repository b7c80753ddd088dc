import { texts } from '../texts/en.js';

export function NotFound() {
  return (
    <>
      <h1>{texts.shell.notFound}</h1>
      <p>{texts.shell.notFoundNext}</p>
    </>
  );
}
