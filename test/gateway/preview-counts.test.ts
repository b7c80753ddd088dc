import { describe, expect, test } from 'vitest';
import type { RecordedValue } from '../../src/protocols/sql/bound-values.js';
import { engines } from '../support/engines.js';
import { usePreviewShop } from './preview-shop.js';

describe.each(engines())('a preview on $flavour $version', (engine) => {
  const shop = usePreviewShop(engine);

  test.each([
    'UPDATE items SET n = 1',
    'UPDATE items SET n = 1 WHERE id = 1',
    "UPDATE items SET n = 1 WHERE name = 'apple'",
    "UPDATE items SET n = 1 WHERE name LIKE '%pple' AND NOT (id BETWEEN 2 AND 3)",
    "UPDATE items AS i SET i.n = 1, i.note = 'where order limit' WHERE i.id IN (1, 2, 9)",
    'UPDATE items i SET n = 1 WHERE EXISTS (SELECT 1 FROM parts p WHERE p.item = i.id AND p.qty > 5)',
    'UPDATE items SET n = (SELECT COUNT(*) FROM parts WHERE qty > 1 LIMIT 1) WHERE n IS NULL',
    "UPDATE items SET name = CASE WHEN n = 5 THEN 'a' ELSE 'b' END ORDER BY id DESC LIMIT 4",
    'UPDATE items SET n = 1 WHERE n = 5 LIMIT 2',
    'UPDATE items SET n = 1 WHERE n = 5 ORDER BY name, id DESC LIMIT 100',
    "UPDATE LOW_PRIORITY IGNORE items SET n = 1 WHERE day = DATE_SUB('2026-02-01', INTERVAL 1 DAY)",
    "UPDATE items /* a comment */ SET n = 1 -- another\n WHERE name = 'x? -- y' # the last",
    "UPDATE `items` SET `n` = 1 WHERE `items`.`note` = 'it\\'s' OR note = 'it''s'",
    "UPDATE items SET n = 1 WHERE raw = X'00ff' OR flags = b'1111'",
    "UPDATE items USE INDEX (name) SET n = 1 WHERE name > 'a'",
    'UPDATE items SET n = 1 WHERE 0',
    'UPDATE items SET n = 1 WHERE id = 1; ',
    'DELETE FROM items',
    'DELETE FROM items WHERE n = 5',
    'DELETE FROM items WHERE n = 5 ORDER BY id LIMIT 2',
    'DELETE FROM items LIMIT 3',
    'DELETE QUICK IGNORE FROM parts WHERE (item, part) IN ((1, 1), (4, 9))',
    'DELETE FROM parts WHERE qty = (SELECT MAX(qty) FROM (SELECT qty FROM parts) AS q)',
    'DELETE FROM fives',
    "UPDATE fives SET name = 'x' WHERE id > 1",
    'UPDATE items JOIN parts ON parts.item = items.id SET items.n = 1',
    'UPDATE items LEFT JOIN parts ON parts.item = items.id SET items.n = 1, parts.qty = 1 WHERE items.id < 3',
    "UPDATE items i, parts p SET p.qty = 0 WHERE p.item = i.id AND LEFT(i.name, 1) = 'a'",
    'UPDATE items JOIN parts ON item = id SET qty = 5',
    'UPDATE items i JOIN (SELECT item, SUM(qty) AS total FROM parts GROUP BY item) AS s ON s.item = i.id SET i.n = s.total',
    'DELETE parts FROM parts JOIN items ON items.id = parts.item WHERE items.n = 5',
    'DELETE p, k FROM parts AS p LEFT JOIN keyless2 AS k USING (item) WHERE p.item = 1',
    'DELETE FROM parts USING parts JOIN items ON items.id = parts.item WHERE items.id = 2',
    'DELETE parts.* FROM (parts INNER JOIN items ON items.id = parts.item)',
    'DELETE keyless FROM keyless WHERE item = 1',
    'INSERT INTO audit (what) SELECT name FROM items WHERE n = 5',
    "INSERT INTO audit (what) VALUES ('a'), ('b, (c)'), (CONCAT('d', (SELECT COUNT(*) FROM items)))",
    "INSERT INTO audit SET what = 'x'",
  ])('counts exactly what the server would change: %s', async (template) => {
    const text = template.replace('keyless2', 'audit').replace('USING (item)', 'ON k.id = p.item');
    const { affected } = await shop().preview(text);
    expect(affected).toEqual(await shop().matchedBy(text.replace(/; $/, '')));
  });

  const value = (type: string, content: RecordedValue['value'], more: Partial<RecordedValue> = {}): RecordedValue => ({
    type: `MYSQL_TYPE_${type}`,
    value: content,
    ...more,
  });

  test.each<readonly [string, readonly RecordedValue[]]>([
    ['DELETE FROM items WHERE id = ?', [value('LONGLONG', 1)]],
    ['DELETE FROM items WHERE id = ?', [value('TINY', -1)]],
    ['DELETE FROM items WHERE id > ?', [value('SHORT', 2)]],
    ['DELETE FROM items WHERE id > ?', [value('LONG', 2, { unsigned: true })]],
    ['DELETE FROM items WHERE big = ?', [value('LONGLONG', '18446744073709551615', { unsigned: true })]],
    ['DELETE FROM items WHERE name = ?', [value('LONGLONG', 5)]],
    ['DELETE FROM items WHERE name = ?', [value('DOUBLE', 5)]],
    ['DELETE FROM items WHERE name = ?', [value('VAR_STRING', 'APPLE')]],
    ['DELETE FROM items WHERE name = ?', [value('BLOB', 'apple')]],
    ['DELETE FROM items WHERE name = ?', [value('STRING', "' OR 1=1 -- ")]],
    ['DELETE FROM items WHERE name = ?', [value('VAR_STRING', 'äpple')]],
    ['DELETE FROM items WHERE id = ?', [value('VAR_STRING', '1x')]],
    ['DELETE FROM items WHERE raw = ?', [value('BLOB', 'AP8=', { encoding: 'base64' })]],
    ['DELETE FROM items WHERE price = ?', [value('NEWDECIMAL', '1.50')]],
    ['DELETE FROM items WHERE ratio = ?', [value('DOUBLE', 0.1)]],
    ['DELETE FROM items WHERE ratio = ?', [value('FLOAT', 0.1)]],
    ['DELETE FROM items WHERE small = ?', [value('FLOAT', 0.1)]],
    ['DELETE FROM items WHERE small = ?', [value('DOUBLE', 0.1)]],
    ['DELETE FROM items WHERE day = ?', [value('DATE', '2026-01-31')]],
    ['DELETE FROM items WHERE at = ?', [value('DATETIME', '2026-01-31 10:00:00.500000')]],
    ['DELETE FROM items WHERE at >= ?', [value('TIMESTAMP', '2026-01-31 10:00:00')]],
    ['DELETE FROM items WHERE clock = ?', [value('TIME', '-01:00:00')]],
    ['DELETE FROM items WHERE clock > ?', [value('TIME', '99:00:00.500000')]],
    ['DELETE FROM items WHERE n = ?', [value('NULL', null)]],
    ['DELETE FROM items WHERE n <=> ?', [value('LONG', null)]],
    [
      'UPDATE items SET n = ?, note = ? WHERE n = ? AND name <> ?',
      [value('LONG', 9), value('STRING', 'z'), value('LONG', 5), value('STRING', '?')],
    ],
    ['UPDATE items SET note = ? WHERE n = ? LIMIT ?', [value('STRING', 'z'), value('LONG', 5), value('LONG', 2)]],
    [
      'UPDATE items i JOIN parts p ON p.item = i.id AND p.qty > ? SET i.n = ? WHERE i.name = ?',
      [value('LONG', 1), value('LONG', 2), value('STRING', 'apple')],
    ],
    ['INSERT INTO audit (what) SELECT name FROM items WHERE n = ?', [value('LONG', 5)]],
  ])('binds values as they were bound: %s %j', async (text, values) => {
    const { affected } = await shop().preview(text, { values });
    expect(affected).toEqual(await shop().matchedBy(text, values));
  });
});
