import { expect, it } from 'vitest';
import { html } from './html.js';

it('writes out every character that could end a text or an attribute', () => {
  const hostile = `"><script>alert('1')</script>&amp;`;
  expect(String(html`<a href="${hostile}">${hostile}</a>`)).toBe(
    '<a href="&quot;&gt;&lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt;&amp;amp;">' +
      '&quot;&gt;&lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt;&amp;amp;</a>',
  );
});

it('takes HTML of its own as it is, alone and in lists, and undefined as nothing', () => {
  const items = ['<i>', 'b'].map((text) => html`<li>${text}</li>`);
  const page = String(
    html`<ul>
        ${items}
      </ul>
      ${undefined}${7}`,
  );
  expect(page.replaceAll(/\s/g, '')).toBe('<ul><li>&lt;i&gt;</li><li>b</li></ul>7');
});

it('takes an object that only looks like HTML of its own as a text', () => {
  const forged = { toString: () => '<script>' };
  expect(() => String(html`${forged as never}`)).toThrow();
});
