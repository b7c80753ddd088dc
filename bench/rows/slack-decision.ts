import mysql, { type ResultSetHeader } from 'mysql2/promise';
import { buttonsOf } from '../../src/apps/quickstart/slack/block-kit/read-out.js';
import type { SlackMessage } from '../../src/apps/quickstart/slack/workspace/messages.js';
import { SLACK_CHANNEL, SLACK_PERSON } from '../broker.js';
import { median } from '../figures.js';
import type { Row } from '../row.js';
import { DATABASE, TABLE } from '../servers.js';

const WARM_UP = 3;
const DECISIONS = 25;
const SHOWN_MS_MAX = 60_000;

/** From a click in Slack to the answer of the statement that waited for it: signed, taken, decided, forwarded, and run. */
export const slackDecisionRow: Row = {
  name: 'slack-decision',
  what: 'click in Slack to the answer of the held statement, p50',
  bounds: { floor: 300, goal: 100, unit: 'ms', better: 'lower' },
  async measure({ broker: { slack, ...broker }, say }) {
    const grant = await broker.openGrant(['SELECT', 'UPDATE']);
    const connection = await mysql.createConnection({ ...grant.login, database: DATABASE });
    const shownOnes = new Set<string>();
    const decide = async (id: number): Promise<number> => {
      let answeredMs = 0;
      const answer = connection
        .query<ResultSetHeader>(`UPDATE ${TABLE} SET k = k + 1 WHERE id = ${id}`)
        .then((result) => {
          answeredMs = performance.now();
          return result;
        });
      const message = await slack.waitFor(
        () => slack.messages(SLACK_CHANNEL).find((one) => !shownOnes.has(one.ts) && isCounted(one)),
        'the question stands in Slack with its preview',
        SHOWN_MS_MAX,
      );
      shownOnes.add(message.ts);
      const startedMs = performance.now();
      await slack.click({ user: SLACK_PERSON, message, action: 'approve' });
      const [{ affectedRows }] = await answer;
      if (affectedRows !== 1) throw new Error(`An approved UPDATE changed ${affectedRows} rows.`);
      return answeredMs - startedMs;
    };
    const samples: number[] = [];
    for (let id = 1; id <= WARM_UP + DECISIONS; id += 1) samples.push(await decide(id));
    await connection.end();
    await broker.closeGrant(grant);
    const wrong = slack.violations.all.map(({ kind, what }) => `${kind}: ${what}`);
    if (wrong.length > 0) throw new Error(`The broker did what Slack forbids: ${wrong.join('; ')}`);
    const measured = samples.slice(WARM_UP);
    const p95 = measured.toSorted((a, b) => a - b)[Math.floor(measured.length * 0.95)] ?? 0;
    const detail = `${DECISIONS} clicks, p95 ${p95.toFixed(1)} ms`;
    say(detail);
    return { value: median(measured), samples: measured, detail };
  },
};

/** Until the preview is there its button names no number of rows, and a click on it would be late. */
function isCounted({ blocks }: SlackMessage): boolean {
  return buttonsOf(blocks).some(({ action_id: action, text }) => action === 'approve' && text.text.includes('at most'));
}
