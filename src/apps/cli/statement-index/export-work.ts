import { z } from 'zod';
import { loadIndexConfig } from '../../../config/index-rebuild.js';
import { DayFiles, NoRoom } from '../../../control/exports/day-files.js';
import { StatementExporter } from '../../../control/exports/statement-exporter.js';
import { AdminRecord } from '../../../control/record/admin-record.js';
import { systemClock } from '../../../kernel/clock.js';
import { BrokerError } from '../../../kernel/errors.js';
import { createLog } from '../../../kernel/log.js';
import { AdminRecordRepository } from '../../../persistence/record/admin-record.repository.js';
import { StatementDaysRepository } from '../../../persistence/statements/statement-days.repository.js';
import { StartError } from '../../../start/start-error.js';
import { openState } from '../../../start/start.js';
import { runCommand, UsageFailure } from '../terminal/conventions.js';
import { jsonText } from '../terminal/json-text.js';

export interface IndexExportOptions {
  readonly day?: string;
  readonly from?: string;
  readonly to?: string;
  readonly json?: boolean;
}

const DAY_MS = 86_400_000;
/** Ten years: more is a slip of the keyboard. */
const DAYS_MAX = 3_660;

/** Writes the days that were asked for and prints each. The administrative record has an entry of it before. */
export async function exportDays(options: IndexExportOptions): Promise<void> {
  const config = loadIndexConfig({ ...process.env, START_WAIT_SECONDS: process.env['START_WAIT_SECONDS'] ?? '3' });
  const log = createLog('cli', 'silent');
  const source = await openState(config, log);
  try {
    await runCommand('index export', async () => {
      const days = daysOf(options, systemClock.nowMs());
      const files = new DayFiles(config.RECORDINGS_DIR);
      await new AdminRecord(new AdminRecordRepository(source)).note({
        act: 'statement.exported',
        by: 'command-line',
        subject: { kind: 'recording', name: '*' },
        after: { from: days[0], to: days.at(-1) },
      });
      const exporter = new StatementExporter({
        days: new StatementDaysRepository(source),
        files,
        clock: systemClock,
        log,
      });
      const all: WrittenDay[] = [];
      for (const day of days) {
        const { statements, bytes } = await exporter.exportDay(day);
        const path = statements === 0 ? null : files.path(day);
        const written = { day, statements, bytes, path };
        all.push(written);
        if (options.json !== true) process.stdout.write(textOf(written));
      }
      if (options.json === true) process.stdout.write(`${jsonText({ days: all })}\n`);
    });
  } catch (error) {
    if (error instanceof NoRoom) throw new StartError(`${error.message}.`, { cause: error });
    throw error instanceof BrokerError ? new StartError(error.sentence, { cause: error }) : error;
  } finally {
    await source.destroy();
  }
}

/** The days from the first to the last. @throws UsageFailure */
export function daysOf({ day, from, to }: IndexExportOptions, nowMs: number): readonly string[] {
  const today = Math.floor(nowMs / DAY_MS) * DAY_MS;
  if ((day === undefined) === (from === undefined) || (day !== undefined && to !== undefined)) {
    throw new UsageFailure('Name one day with --day, or days with --from and --to.');
  }
  const first = dayMs(day ?? from ?? '');
  const last = day === undefined ? (to === undefined ? today - DAY_MS : dayMs(to)) : first;
  if (last >= today) throw new UsageFailure('The last day is not over yet: days are of UTC.');
  const count = (last - first) / DAY_MS + 1;
  if (count < 1) throw new UsageFailure('--from is after --to.');
  if (count > DAYS_MAX) throw new UsageFailure(`These are more than ${DAYS_MAX} days.`);
  return Array.from({ length: count }, (_, index) => new Date(first + index * DAY_MS).toISOString().slice(0, 10));
}

function dayMs(day: string): number {
  if (!z.iso.date().safeParse(day).success) throw new UsageFailure('A day is written as 2026-11-28.');
  return Date.parse(`${day}T00:00:00Z`);
}

interface WrittenDay {
  readonly day: string;
  readonly statements: number;
  readonly bytes: number;
  readonly path: string | null;
}

function textOf({ day, statements, bytes, path }: WrittenDay): string {
  return path === null
    ? `${day}: no statements, no file\n`
    : `${day}: ${statements} statements, ${bytes} bytes, ${path}\n`;
}
