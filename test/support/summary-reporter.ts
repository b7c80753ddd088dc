import { writeFileSync } from 'node:fs';
import { relative } from 'node:path';
import { type Reporter, type SerializedError, type TestModule, type Vitest } from 'vitest/node';
import { describeEngines } from './engines.js';

interface Counts {
  passed: number;
  failed: number;
  skipped: number;
}

/**
 * Counts a run's tests and finds the slowest files. Both go into the file that DOORWARDEN_TEST_SUMMARY names, from which `npm test`
 * prints its last lines; without the variable the counts are printed here.
 */
export default class SummaryReporter implements Reporter {
  #vitest: Vitest | undefined;

  onInit(vitest: Vitest): void {
    this.#vitest = vitest;
  }

  onTestRunEnd(modules: readonly TestModule[], unhandledErrors: readonly SerializedError[]): void {
    const counts = { passed: 0, failed: unhandledErrors.length, skipped: 0 };
    for (const module of modules) count(module, counts);
    const unsteady = modules.flatMap(unsteadyOf);
    const summary = { engines: this.#engines(), ...counts, slowest: slowestOf(modules), unsteady };
    const file = process.env['DOORWARDEN_TEST_SUMMARY'];
    if (file !== undefined) return writeFileSync(file, JSON.stringify(summary));
    const last = `${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`;
    process.stdout.write(`${[...summary.engines, last].join('\n')}\n`);
  }

  #engines(): readonly string[] {
    const provided = this.#vitest?.projects.map((project) => project.getProvidedContext().servers) ?? [];
    // The servers are only there when a test that needs them was chosen.
    const servers: (typeof provided)[number] | undefined = provided.find((candidate) => candidate !== undefined);
    return servers === undefined ? ['No test that needs a server was chosen.'] : describeEngines(servers);
  }
}

const SLOWEST = 10;

/** The files that took longest, by the clock: loading, hooks and tests. */
function slowestOf(modules: readonly TestModule[]): readonly { file: string; seconds: number }[] {
  const timed = modules.map((module) => {
    const { collectDuration, duration } = module.diagnostic();
    return { file: relative(process.cwd(), module.moduleId), seconds: (collectDuration + duration) / 1000 };
  });
  return timed.toSorted((a, b) => b.seconds - a.seconds).slice(0, SLOWEST);
}

/** The tests that passed at a second try only. */
function unsteadyOf(module: TestModule): readonly string[] {
  const file = relative(process.cwd(), module.moduleId);
  const unsteady = [...module.children.allTests('passed')].filter((test) => test.diagnostic()?.flaky === true);
  return unsteady.map(({ fullName }) => `${file} > ${fullName}`);
}

/** A file or group that could not even be set up counts as one failure, besides the tests that it names. */
function count(module: TestModule, counts: Counts): void {
  for (const test of module.children.allTests()) {
    const { state } = test.result();
    if (state === 'passed' || state === 'failed') counts[state] += 1;
    else counts.skipped += 1;
  }
  counts.failed += module.errors().length;
  for (const suite of module.children.allSuites()) counts.failed += suite.errors().length;
}
