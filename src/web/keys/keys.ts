import { useEffect, useId, useRef } from 'react';
import { createStore } from '../api/store.js';
import { keep, readKept } from '../theme/theme.js';

/**
 * A key as it is written for people: `j`, `?`, `Escape`, `Enter`, `Ctrl+Enter`, `Shift+ArrowLeft`, or two after each other: `g i`.
 * `Ctrl` is ⌘ on a Mac as well.
 */
export interface Binding {
  readonly key: string;
  /** What it does, for the list of keys. */
  readonly label: string;
  readonly run: () => void;
  /** Acts in a text field too; only for keys with `Ctrl`, and `Escape`. */
  readonly inFields?: boolean;
}

export interface KeyGroup {
  readonly title: string;
  readonly bindings: readonly Binding[];
}

const SEQUENCE_MS = 1_000;
const KEPT_AS = 'doorwarden.single-keys';

const groups = createStore<readonly (KeyGroup & { readonly id: string })[]>([]);
export const useKeyGroups = groups.use;

const singleKeys = createStore(readKept(KEPT_AS) !== 'off');
export const useSingleKeys = singleKeys.use;

/** Single keys can be switched off, since they also answer to what somebody says to a voice control. */
export function switchSingleKeys(isOn: boolean): void {
  keep(KEPT_AS, isOn ? 'on' : 'off');
  singleKeys.set(isOn);
}

/** The keys of a part, for as long as it is shown and `isOn`. The part that came last wins where two have one key. */
export function useKeys(title: string, bindings: readonly Binding[], isOn = true): void {
  const id = useId();
  const latest = useRef(bindings);
  useEffect(() => void (latest.current = bindings));
  const listed = JSON.stringify(bindings.map(({ key, label, inFields = false }) => ({ key, label, inFields })));
  useEffect(() => {
    if (!isOn) return undefined;
    const own = JSON.parse(listed) as readonly Omit<Binding, 'run'>[];
    const stable = own.map((binding, place) => ({ ...binding, run: () => latest.current[place]?.run() }));
    groups.set([...groups.get(), { id, title, bindings: stable }]);
    return () => groups.set(groups.get().filter((group) => group.id !== id));
  }, [id, title, listed, isOn]);
}

/** Listens for all keys of the page; returns what stops it. */
export function listenToKeys(): () => void {
  let first: { readonly key: string; readonly atMs: number } | undefined;
  const listen = (event: KeyboardEvent) => {
    if (event.defaultPrevented || event.isComposing) return;
    const key = nameOf(event);
    const before = first !== undefined && event.timeStamp - first.atMs < SEQUENCE_MS ? first.key : undefined;
    first = undefined;
    const binding = (before === undefined ? undefined : find(`${before} ${key}`, event)) ?? find(key, event);
    if (binding !== undefined) {
      event.preventDefault();
      binding.run();
    } else if (beginsSequence(key) && mayAct(key, event, false)) {
      first = { key, atMs: event.timeStamp };
    }
  };
  document.addEventListener('keydown', listen);
  return () => document.removeEventListener('keydown', listen);
}

function find(key: string, event: KeyboardEvent): Binding | undefined {
  const all = groups.get().flatMap(({ bindings }) => bindings);
  return all.findLast((binding) => binding.key === key && mayAct(key, event, binding.inFields === true));
}

function mayAct(key: string, event: KeyboardEvent, inFields: boolean): boolean {
  const isPlain = !key.startsWith('Ctrl+');
  if (isTyping(event.target) && !inFields) return false;
  if (isPlain && isInside(event.target, '[role="dialog"], [role="alertdialog"]')) return false;
  if (key === 'Enter' || key === 'Space')
    return !isInside(event.target, 'a, button, summary, [role="button"], [role="tab"]');
  return !isPlain || key === 'Escape' || singleKeys.get();
}

function beginsSequence(key: string): boolean {
  return groups.get().some(({ bindings }) => bindings.some((binding) => binding.key.startsWith(`${key} `)));
}

function nameOf(event: KeyboardEvent): string {
  const key = event.key === ' ' ? 'Space' : event.key;
  const modifiers = [
    event.ctrlKey || event.metaKey ? 'Ctrl+' : '',
    event.altKey ? 'Alt+' : '',
    event.shiftKey && key.length > 1 ? 'Shift+' : '',
  ].join('');
  return `${modifiers}${key.length === 1 && modifiers.startsWith('Ctrl') ? key.toLowerCase() : key}`;
}

function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (target.isContentEditable || target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement)
    return true;
  return target instanceof HTMLInputElement && !['checkbox', 'radio', 'button', 'submit'].includes(target.type);
}

function isInside(target: EventTarget | null, selector: string): boolean {
  return target instanceof Element && target.closest(selector) !== null;
}
