import type { BrowserContext, Page } from 'playwright-core';

const BINDING = '__doorwardenTestViolation';
/** Runs in every page before its own scripts. */
const REPORTS_VIOLATIONS = `document.addEventListener('securitypolicyviolation', (event) =>
  window.${BINDING}(event.effectiveDirective + ' blocked ' + (event.blockedURI || 'inline') + ' ' + event.sample +
    ' at ' + event.sourceFile + ':' + event.lineNumber));`;

/** What went wrong in the pages of a browser: error lines of the console, thrown errors, breaches of the page's policy. */
export class PageFaults {
  #found: string[] = [];
  #forgiven: RegExp[] = [];

  /** Watches every page of the context, those too that it opens later. */
  async watch(context: BrowserContext): Promise<void> {
    await context.exposeBinding(BINDING, (_source, text: string) => void this.#found.push(`policy: ${text}`));
    await context.addInitScript({ content: REPORTS_VIOLATIONS });
    context.on('page', (page) => this.#listen(page));
  }

  /** The test that runs expects such faults; those that it does not expect still fail it. */
  forgive(...patterns: readonly RegExp[]): void {
    this.#forgiven.push(...patterns);
  }

  /** All since the last {@link take}, what was forgiven too. */
  seen(): readonly string[] {
    return this.#found;
  }

  /** All that nobody has forgiven since the last call; what was forgiven counts again from then on. */
  take(): readonly string[] {
    const left = this.#found.filter((text) => !this.#forgiven.some((pattern) => pattern.test(text)));
    this.#found = [];
    this.#forgiven = [];
    return left;
  }

  #listen(page: Page): void {
    const at = (): string => ` (at ${new URL(page.url()).pathname})`;
    page.on('console', (message) => {
      if (message.type() === 'error') this.#found.push(`console: ${message.text()} ${message.location().url}${at()}`);
    });
    page.on('pageerror', (error) => void this.#found.push(`thrown: ${error.stack ?? error.message}${at()}`));
  }
}
