import './code-editor.css';
import '../../parts/said/shown.css';
import { autocompletion, closeBrackets, closeBracketsKeymap, completionKeymap } from '@codemirror/autocomplete';
import { defaultKeymap, history, historyKeymap } from '@codemirror/commands';
import { bracketMatching, syntaxHighlighting } from '@codemirror/language';
import { lintGutter, setDiagnostics, type Diagnostic } from '@codemirror/lint';
import { EditorState } from '@codemirror/state';
import { EditorView, keymap, lineNumbers, highlightActiveLine } from '@codemirror/view';
import { classHighlighter } from '@lezer/highlight';
import { useEffect, useRef } from 'react';
import { completeCedar } from './cedar-completions.js';
import { hiddenCharacters } from './hidden-characters.js';
import { cedarLanguage } from './cedar-language.js';

/** Something that the broker says of a place in the text; lines and columns count from 1. */
export interface TextMark {
  readonly line: number;
  readonly column: number;
  readonly severity: 'error' | 'warning';
  readonly message: string;
}

export interface CodeEditorProps {
  readonly label: string;
  readonly text: string;
  readonly onChange: (text: string) => void;
  readonly isReadOnly: boolean;
  readonly marks: readonly TextMark[];
  /** Where the cursor is to go; another object goes there again. */
  readonly goTo: { readonly line: number; readonly column: number } | undefined;
}

/** An editor for the text of a policy. Tab leaves it, as any other field. */
export function CodeEditor({ label, text, onChange, isReadOnly, marks, goTo }: CodeEditorProps) {
  const place = useRef<HTMLDivElement>(null);
  const view = useRef<EditorView>(undefined);
  const latest = useRef({ onChange, text });
  useEffect(() => void (latest.current = { onChange, text }));
  useEffect(() => {
    if (place.current === null) return undefined;
    const made = new EditorView({
      parent: place.current,
      state: EditorState.create({
        doc: latest.current.text,
        extensions: extensionsOf(label, isReadOnly, (changed) => latest.current.onChange(changed)),
      }),
    });
    view.current = made;
    return () => made.destroy();
  }, [label, isReadOnly]);
  useEffect(() => {
    const shown = view.current?.state.doc.toString();
    if (shown === undefined || shown === text) return;
    view.current?.dispatch({ changes: { from: 0, to: shown.length, insert: text } });
  }, [text]);
  useEffect(() => {
    const made = view.current;
    if (made !== undefined) made.dispatch(setDiagnostics(made.state, diagnosticsOf(made.state, marks)));
  }, [marks]);
  useEffect(() => {
    const made = view.current;
    if (made === undefined || goTo === undefined) return;
    const anchor = placeIn(made.state, goTo);
    made.dispatch({ selection: { anchor }, effects: EditorView.scrollIntoView(anchor, { y: 'center' }) });
    made.focus();
  }, [goTo]);
  return <div ref={place} className="code-editor" />;
}

function extensionsOf(label: string, isReadOnly: boolean, onChange: (text: string) => void) {
  const nonce = document.querySelector<HTMLMetaElement>('meta[property="csp-nonce"]')?.nonce ?? '';
  return [
    EditorView.cspNonce.of(nonce),
    lineNumbers(),
    hiddenCharacters(),
    history(),
    bracketMatching(),
    closeBrackets(),
    highlightActiveLine(),
    lintGutter(),
    cedarLanguage,
    syntaxHighlighting(classHighlighter),
    autocompletion({ override: [completeCedar] }),
    EditorView.lineWrapping,
    keymap.of([...closeBracketsKeymap, ...defaultKeymap, ...historyKeymap, ...completionKeymap]),
    EditorView.domEventHandlers({ beforeinput: replaceSelected }),
    EditorState.readOnly.of(isReadOnly),
    EditorView.contentAttributes.of({
      'aria-label': label,
      spellcheck: 'false',
      'aria-readonly': String(isReadOnly),
      tabindex: '0', // what scrolls must be reachable by keys, for axe too
    }),
    EditorView.updateListener.of((update) => {
      if (update.docChanged) onChange(update.state.doc.toString());
    }),
  ];
}

/**
 * Puts what is typed in the place of what is selected. The browser would do it in the document first, with style attributes
 * of the text that goes, which the policy of the page does not allow.
 */
function replaceSelected(event: InputEvent, view: EditorView): boolean {
  const { inputType, data } = event;
  if (inputType !== 'insertText' || data === null || view.composing) return false;
  if (view.state.readOnly || view.state.selection.main.empty) return false;
  view.dispatch({ ...view.state.replaceSelection(data), userEvent: 'input.type', scrollIntoView: true });
  return true;
}

function diagnosticsOf(state: EditorState, marks: readonly TextMark[]): readonly Diagnostic[] {
  return marks.map(({ severity, message, ...at }) => {
    const from = placeIn(state, at);
    const end = state.doc.lineAt(from).to;
    return { from, to: Math.max(from, end), severity, message };
  });
}

/** The offset of a line and a column; columns count characters, and not halves of them. */
function placeIn(state: EditorState, { line, column }: { readonly line: number; readonly column: number }): number {
  const { from, to, text } = state.doc.line(Math.min(Math.max(line, 1), state.doc.lines));
  const before = Array.from(text)
    .slice(0, Math.max(0, column - 1))
    .join('');
  return Math.min(from + before.length, to);
}
