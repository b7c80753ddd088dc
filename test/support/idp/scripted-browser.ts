const HOPS_MAX = 10;
const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', '#039': "'", '#39': "'" };

/** A page with at most one form. */
export interface ScriptedPage {
  readonly url: string;
  readonly status: number;
  readonly text: string;
  /** Where its form goes; absent: to the page itself. */
  readonly action: string | undefined;
  /** What its form has filled in already. */
  readonly fields: Readonly<Record<string, string>>;
}

/** As much of a browser as a scripted sign-in needs: cookies, redirects, and forms that are sent as they are. */
export class ScriptedBrowser {
  private readonly cookies = new Map<string, string>();

  async open(url: string): Promise<ScriptedPage> {
    return await this.go(url, {});
  }

  /** Sends the page's form with these fields filled in. */
  async submit(page: ScriptedPage, fields: Readonly<Record<string, string>>): Promise<ScriptedPage> {
    const body = new URLSearchParams({ ...page.fields, ...fields });
    return await this.go(new URL(page.action ?? page.url, page.url).href, { method: 'POST', body });
  }

  private async go(url: string, first: RequestInit): Promise<ScriptedPage> {
    let request = first;
    let at = url;
    for (let hop = 0; hop < HOPS_MAX; hop += 1) {
      const cookie = [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
      const answer = await fetch(at, { ...request, redirect: 'manual', headers: { cookie } });
      for (const set of answer.headers.getSetCookie()) {
        const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(set) ?? [];
        this.cookies.set(name, value);
      }
      const to = answer.headers.get('location');
      if (to === null) return page(at, answer.status, await answer.text());
      await answer.body?.cancel();
      at = new URL(to, at).href;
      request = {};
    }
    throw new Error(`More than ${HOPS_MAX} redirects`);
  }
}

function page(url: string, status: number, text: string): ScriptedPage {
  const form = /<form[^>]*>/i.exec(text)?.[0] ?? '';
  const inputs = [...text.matchAll(/<input[^>]*>/gi)].map(([input]) => [
    attribute(input, 'name'),
    attribute(input, 'value'),
  ]);
  const named = inputs.filter((pair): pair is [string, string | undefined] => pair[0] !== undefined);
  return {
    url,
    status,
    text,
    action: attribute(form, 'action') || undefined,
    fields: Object.fromEntries(named.map(([name, value]) => [name, value ?? ''])),
  };
}

function attribute(tag: string, name: string): string | undefined {
  const value = new RegExp(`\\s${name}="([^"]*)"`, 'i').exec(tag)?.[1];
  return value?.replaceAll(/&(#?\w+);/g, (whole, entity: string) => ENTITIES[entity] ?? whole);
}
