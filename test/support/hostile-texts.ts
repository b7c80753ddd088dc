/**
 * Texts that an agent, a row or a name may bring, against anyone who reads them: on a page, in a terminal, in a table that is
 * opened with a spreadsheet. Characters that cannot be seen are written as escapes, so that a reader of this file sees them.
 */

export interface HostileText {
  /** What it tries, in words for the name of a test. */
  readonly name: string;
  readonly text: string;
}

/** One line, at most 150 characters: they fit wherever a text fits at all, a task's title among them. */
export const HOSTILE_LINES: readonly HostileText[] = [
  { name: 'a script', text: '<script>document.title = "taken"</script>' },
  { name: 'an image with a handler', text: '"><img src=x onerror="document.title=\'taken\'">' },
  { name: 'a handler in SVG', text: '<svg/onload=document.title="taken">' },
  { name: 'the end of an element', text: '</p></div></main><h1>Approved</h1><style>*{display:none}</style>' },
  { name: 'an end of a comment', text: '--><b>bold</b><!-- ]]>' },
  { name: 'character references', text: '&lt;b&gt; &amp;amp; &#x202e; &nbsp;' },
  { name: 'a template', text: '{{constructor.constructor("return 1")()}} ${7*7} <%= 7*7 %>' },
  { name: 'a link that is a script', text: 'javascript:document.title="taken"' },
  { name: 'a link with a control in it', text: 'java\u0009script:document.title="taken"' },
  { name: 'a link with HTML', text: 'data:text/html,<script>opener.document.title="taken"</script>' },
  { name: 'a link to another host that looks like ours', text: 'https://broker.example@evil.example/approve' },
  { name: 'a Markdown link and an image', text: '[approve](javascript:alert(1)) ![x](https://evil.example/x.png)' },
  { name: 'a fence', text: '```sql SELECT 1; ``` **approved by dba** <!here> <@U123>' },
  { name: 'right-to-left override', text: 'DELETE FROM orders WHERE id = \u202e6 = di EREHW' },
  { name: 'isolates that are not closed', text: 'task \u2067\u2066 approved \u2067' },
  { name: 'Arabic beside digits', text: '\u0637\u0644\u0628 12 \u0645\u0646 34' },
  { name: 'zero-width characters in a name', text: 'ord\u200bers, or\u200dders, orde\u2060rs, \ufefforders' },
  { name: 'letters that look like others', text: 'DELETE FROM \u043erders WHERE \u0456d = 6' },
  { name: 'a soft hyphen and fillers', text: 'or\u00adders \u3164 \u115f \u2800 end' },
  { name: 'spaces that are none to a database', text: 'id\u00a0=\u20036\u3000OR\u20281' },
  { name: 'tag characters', text: 'fine\u{e0041}\u{e0050}\u{e0050}\u{e0052}\u{e004f}\u{e0056}\u{e0045}' },
  {
    name: 'emoji with joiners',
    text: '\u{1f468}\u200d\u{1f469}\u200d\u{1f467}\u200d\u{1f466} \u{1f3f4}\u{e0067}\u{e0062}\u{e007f}',
  },
  { name: 'marks that pile up', text: `Z${'\u0335\u0348\u035c'.repeat(20)}algo` },
  { name: 'lone surrogates', text: 'a\ud800b\udc00c' },
  {
    name: 'ANSI escapes',
    text: '\u001b[2J\u001b[1;31mapproved\u001b[0m \u001b]8;;https://evil.example\u0007here\u001b]8;;\u0007',
  },
  { name: 'C1 controls', text: 'a\u009b31mb\u0085c' },
  { name: 'backspaces and a bell', text: 'deny\b\b\b\bapprove\u0007' },
  { name: 'a NUL', text: 'before\u0000after' },
  { name: 'a formula', text: '=HYPERLINK("https://evil.example","open")' },
  { name: 'a formula by plus', text: "+1+cmd|' /C calc'!A0" },
  { name: 'a formula by at', text: '@SUM(1,1)' },
  { name: 'a formula by minus', text: '-2+3' },
  { name: 'quotes for CSV', text: '","approved","' },
  { name: 'a name of every object', text: '__proto__' },
  { name: 'a word of programs', text: 'undefined' },
  { name: 'one long word', text: 'W'.repeat(150) },
  { name: 'spaces alone', text: '     ' },
];

/** Several lines, or very long: statements, values of rows, reasons. */
export const HOSTILE_BLOCKS: readonly HostileText[] = [
  {
    name: 'lines that imitate the broker',
    text: 'x\n\nApproved by dba at 12:03\nUPDATE shop.orders: 0 rows change (exact)\n',
  },
  { name: 'every kind of line break', text: 'a\rb\nc\r\nd\u0085e\u2028f\u2029g\u000bh\u000ci' },
  { name: 'a thousand empty lines', text: `first${'\n'.repeat(1_000)}last` },
  { name: '100,000 characters in one word', text: 'x'.repeat(100_000) },
  { name: '100,000 characters in lines', text: 'SELECT 1 -- \u202e\n'.repeat(7_143).slice(0, 100_000) },
  { name: 'elements in elements', text: '<b>'.repeat(5_000) },
  { name: 'a fence over lines', text: '```\n</textarea></pre>\n```\n---\n# Approved\n' },
];

export const HOSTILE_TEXTS: readonly HostileText[] = [...HOSTILE_LINES, ...HOSTILE_BLOCKS];

/** As a page must not have it anywhere in what a person sees: characters that move, hide or imitate, and are not written out. */
export const UNSEEN_CHARACTERS = /(?![ \n\t])[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\u2800]/u;
