import { Argument, type Command, Command as NewCommand, type Option } from 'commander';
import { examples } from './api-command.js';
import { endWithReader } from './print-answer.js';
import { defaultCommandOf } from './default-command.js';

const SHELLS = ['bash', 'zsh', 'fish'] as const;
type Shell = (typeof SHELLS)[number];

/** What may be typed after one command of the tree. */
interface Place {
  /** `approvals list`; empty for the program itself. */
  readonly path: string;
  readonly words: readonly string[];
  /** What may follow an option that takes a value; without choices, the name of a file. */
  readonly values: readonly { readonly option: string; readonly choices: readonly string[] }[];
  /** An argument may be the name of a file. */
  readonly takesFiles: boolean;
}

/** `doorwarden completion SHELL`: prints what makes a shell complete commands and options; made from the commands. */
export function completionCommand(): Command {
  return new NewCommand('completion')
    .description('Print the completion for a shell; see docs/command-line.md for where it goes')
    .addArgument(new Argument('<shell>').choices(SHELLS))
    .addHelpText(
      'after',
      examples([
        'doorwarden completion bash > ~/.local/share/bash-completion/completions/doorwarden',
        'doorwarden completion zsh > "${fpath[1]}/_doorwarden"',
        'doorwarden completion fish > ~/.config/fish/completions/doorwarden.fish',
      ]),
    )
    .action((shell: Shell, _options: unknown, command: Command) => {
      endWithReader();
      process.stdout.write(completionFor(shell, command.parent ?? command));
    });
}

/** The script; it knows all commands, options and choices, and asks nothing while a person types. */
export function completionFor(shell: Shell, program: Command): string {
  const places = placesOf(program, '');
  switch (shell) {
    case 'bash':
      return bashScript(places);
    case 'zsh':
      return zshScript(places);
    default:
      return fishScript(places);
  }
}

function placesOf(command: Command, path: string): readonly Place[] {
  const children = command.commands.map((child) => child.name());
  const help = children.length > 0 ? ['help'] : [];
  const byDefault = defaultCommandOf(command);
  const lists = byDefault === undefined ? [command] : [command, byDefault];
  const given = lists.flatMap(({ registeredArguments }) => registeredArguments);
  const options = lists.flatMap((one) => one.options).filter(({ long, hidden }) => long !== undefined && !hidden);
  const own: Place = {
    path,
    words: [
      ...children,
      ...help,
      ...given.flatMap(({ argChoices }) => argChoices ?? []),
      ...options.map(({ long }) => long ?? ''),
      '--help',
    ],
    values: options.flatMap(valuesOf),
    takesFiles: given.some(({ argChoices }) => argChoices === undefined),
  };
  return [own, ...command.commands.flatMap((child) => placesOf(child, `${path} ${child.name()}`.trim()))];
}

/** Nothing for an option that takes no value. */
function valuesOf({ long, short, argChoices, required, optional }: Option): Place['values'] {
  if (!required && !optional) return [];
  const names = [long, short].filter((name) => name !== undefined);
  return names.map((option) => ({ option, choices: argChoices ?? [] }));
}

/** Words that are no option name the command; the values of options are mistaken for none that exists. */
function bashScript(places: readonly Place[]): string {
  const cases = places.map(({ path, words }) => `    '${path}') words='${words.join(' ')}' ;;`);
  const paths = places.map(({ path }) => `'${path}'`).join(' | ');
  const values = places.flatMap(({ path, values: known }) =>
    known.map(({ option, choices }) => `    '${path} ${option}') words='${choices.join(' ')}' ;;`),
  );
  return `_doorwarden() {
  local current=\${COMP_WORDS[COMP_CWORD]} previous=\${COMP_WORDS[COMP_CWORD-1]} at= next word words
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    if [ "$word" = -- ]; then COMPREPLY=(); compopt -o default 2>/dev/null; return; fi
    next="\${at:+$at }$word"
    case $next in
    ${paths}) at=$next ;;
    esac
  done
  case $at in
${cases.join('\n')}
  esac
  case "$at $previous" in
${values.join('\n')}
  esac
  COMPREPLY=()
  for word in $words; do
    case $word in "$current"*) COMPREPLY+=("$word") ;; esac
  done
  if [ \${#COMPREPLY[@]} -eq 0 ]; then compopt -o default 2>/dev/null; fi
}
complete -F _doorwarden doorwarden
`;
}

/** The shell runs the file itself when somebody first types the command; a file that is read at the start says who completes. */
function zshScript(places: readonly Place[]): string {
  const cases = places.map(
    ({ path, words, takesFiles }) => `    ('${path}') offered=(${words.join(' ')})${takesFiles ? '; files=1' : ''} ;;`,
  );
  const paths = places.map(({ path }) => `'${path}'`).join('|');
  const values = places.flatMap(({ path, values: known }) =>
    known.map(({ option, choices }) => {
      const offered = choices.length === 0 ? '_files' : `compadd -- ${choices.join(' ')}`;
      return `    ('${path} ${option}') ${offered}; return ;;`;
    }),
  );
  return `#compdef doorwarden
_doorwarden() {
  local at='' previous='' next word files=0
  local -a offered
  for word in "\${(@)words[2,CURRENT-1]}"; do
    if [[ $word == -- ]]; then _files; return; fi
    next="\${at:+$at }$word"
    case $next in
    (${paths}) at=$next ;;
    esac
    previous=$word
  done
  case "$at $previous" in
${values.join('\n')}
  esac
  case $at in
${cases.join('\n')}
  esac
  compadd -- $offered
  if (( files )); then _files; fi
}
if [[ $funcstack[1] == _doorwarden ]]; then _doorwarden "$@"; else compdef _doorwarden doorwarden; fi
`;
}

const FISH_FILES = '__fish_complete_path (commandline -ct)';

function fishScript(places: readonly Place[]): string {
  const words = (list: readonly string[]): string => `printf '%s\\n' ${list.join(' ')}`;
  const cases = places.map(({ path, words: known, takesFiles }) =>
    [`    case '${path}'`, `      ${words(known)}`, ...(takesFiles ? [`      ${FISH_FILES}`] : [])].join('\n'),
  );
  const paths = places.map(({ path }) => `'${path}'`).join(' ');
  const values = places.flatMap(({ path, values: known }) =>
    known.map(({ option, choices }) => {
      const offered = choices.length === 0 ? FISH_FILES : words(choices);
      return `    case '${path} ${option}'\n      ${offered}\n      return`;
    }),
  );
  return `function __doorwarden_words
  set -l path ''
  set -l previous ''
  for word in (commandline -opc)[2..]
    if test "$word" = --
      ${FISH_FILES}
      return
    end
    set -l next (string trim -- "$path $word")
    contains -- $next ${paths}; and set path $next
    set previous $word
  end
  switch "$path $previous"
${values.join('\n')}
  end
  switch $path
${cases.join('\n')}
  end
end
complete -c doorwarden -f -a '(__doorwarden_words)'
`;
}
