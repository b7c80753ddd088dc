import { describe, expect, test } from 'vitest';
import { approvalsOf, decide, lookAtApproval, seeHeld } from '../support/approvals.js';
import { useSharedBroker } from '../support/shared-broker.js';
import { engines } from '../support/engines.js';
import { HELD_POLICIES, send, useHeldShop } from './held-shop.js';

const broker = useSharedBroker(HELD_POLICIES);
const ER_NO_SUCH_USER = 1449;

describe.each(engines())('on $flavour $version, what a grant makes', (engine) => {
  const shop = useHeldShop(broker, engine, () => ({
    privileges: ['SELECT', 'INSERT', 'CREATE VIEW', 'SHOW VIEW', 'TRIGGER', 'CREATE ROUTINE', 'EXECUTE'],
  }));

  test('in its own name is said to be unusable once it ends, and is; what runs in the name of the one who uses it works on', async () => {
    const { target } = shop();
    const task = await shop().newTask();
    const make = async (statement: string): Promise<string> => {
      const running = send(task, statement);
      const { id } = await seeHeld(broker(), task.id);
      const { why } = await lookAtApproval(broker(), id);
      await decide(broker(), id, { decision: 'approve' });
      expect((await running).error).toBeUndefined();
      return why;
    };
    expect(await make('CREATE VIEW owned AS SELECT id FROM orders')).toMatch(/nobody can use it.*SQL SECURITY INVOKER/);
    expect(await make('CREATE SQL SECURITY INVOKER VIEW shared AS SELECT id FROM orders')).not.toMatch(/task account/);
    expect(await make('CREATE TRIGGER fired BEFORE INSERT ON gone FOR EACH ROW SET NEW.runs = 1')).toMatch(
      /every change that fires the trigger fails/,
    );
    expect(await make('CREATE PROCEDURE kept() SQL SECURITY INVOKER SELECT 1')).not.toMatch(/task account/);
    await task.close();
    await expect(target.rootRows('SELECT id FROM owned')).rejects.toMatchObject({ errno: ER_NO_SUCH_USER });
    await expect(target.root('INSERT INTO gone (id) VALUES (9)')).rejects.toMatchObject({ errno: ER_NO_SUCH_USER });
    expect(await target.rootRows('SELECT id FROM shared')).toHaveLength(3);
    expect(await target.rootRows('CALL kept()')).toBeDefined();
    expect(await approvalsOf(broker(), task.id)).toHaveLength(4);
  });
});
