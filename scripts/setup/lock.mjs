import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { LOCAL, inLocal } from './paths.mjs';
import { say } from './step.mjs';

const RETRY_MS = 250;

/** Runs `work` while no other set-up of this checkout runs. A lock whose process is gone is taken over. */
export async function withSetupLock(work) {
  mkdirSync(LOCAL, { recursive: true });
  const lock = inLocal('setup.lock');
  const mine = `${process.pid} ${startOf(process.pid)}`;
  for (let announced = false; !take(lock, mine); await pause(RETRY_MS)) {
    const holder = holderOf(lock);
    if (holder === undefined) continue;
    if (!isRunning(holder)) {
      // Renaming first makes sure that of two waiting processes only one removes the dead one's lock.
      takeAway(lock, `${lock}.${process.pid}.dead`);
      continue;
    }
    if (!announced) say(`  Waiting for another set-up of this checkout (process ${holder.split(' ')[0]}).`);
    announced = true;
  }
  // A process that is stopped in the middle leaves a lock whose process is gone, which the next one takes over.
  const release = () => rmSync(lock, { force: true });
  process.once('exit', release);
  try {
    return await work();
  } finally {
    process.off('exit', release);
    release();
  }
}

function take(lock, mine) {
  const draft = `${lock}.${process.pid}`;
  writeFileSync(draft, mine);
  try {
    linkSync(draft, lock); // fails when the lock exists, and shows it to others only with its content
    return true;
  } catch (error) {
    if (error.code === 'EEXIST') return false;
    throw error;
  } finally {
    rmSync(draft, { force: true });
  }
}

function holderOf(lock) {
  try {
    return readFileSync(lock, 'utf8');
  } catch (error) {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  }
}

function takeAway(lock, aside) {
  try {
    renameSync(lock, aside);
    rmSync(aside, { force: true });
  } catch (error) {
    if (error.code !== 'ENOENT') throw error;
  }
}

function isRunning(holder) {
  const [pid, start] = holder.split(' ');
  return startOf(Number(pid)) === start;
}

/** When a process was started, in clock ticks since boot: a pid alone may have been given to another process since. */
function startOf(pid) {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
  } catch (error) {
    if (error.code === 'ENOENT' || error.code === 'ESRCH') return 'gone';
    throw error;
  }
}
