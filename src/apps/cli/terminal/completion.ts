import { Argument, type Command, Command as NewCommand } from 'commander';
import { examples } from './api-command.js';

const SHELLS = ['bash', 'zsh', 'fish'] as const;
type Shell = (typeof SHELLS)[number];

/** What may be typed after one command of the tree. */
interface Place {
  /** `approvals list`; empty for the program itself. */
  readonly path: string;
  readonly words: readonly string[];
  /** What may follow an option that takes a value; without choices, the name of a file. */
  readonly values: readonly { readonly option: string; readonly choices: readonly string[] }[];
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
      return `#compdef doorwarden\nautoload -U +X bashcompinit && bashcompinit\n${bashScript(places)}`;
    default:
      return fishScript(places);
  }
}

function placesOf(command: Command, path: string): readonly Place[] {
  const children = command.commands.map((child) => child.name());
  const shown = command.options.filter(({ long, hidden }) => long !== undefined && !hidden);
  const options = shown.map(({ long }) => long ?? '');
  const choices = command.registeredArguments.flatMap(({ argChoices }) => argChoices ?? []);
  const help = children.length > 0 ? ['help'] : [];
  const values = shown.flatMap(({ long, short, argChoices, required, optional }) =>
    required || optional
      ? [long, short].flatMap((option) => (option === undefined ? [] : [{ option, choices: argChoices ?? [] }]))
      : [],
  );
  const own = { path, words: [...children, ...help, ...choices, ...options, '--help'], values };
  const below = command.commands.flatMap((child) => placesOf(child, `${path} ${child.name()}`.trim()));
  return [own, ...below];
}

/** Words that are no option name the command; the values of options are mistaken for none that exists. */
function bashScript(places: readonly Place[]): string {
  const cases = places.map(({ path, words }) => `    '${path}') words='${words.join(' ')}' ;;`);
  const paths = places.map(({ path }) => `'${path}'`).join(' | ');
  const values = places.flatMap(({ path, values: known }) =>
    known.map(({ option, choices }) => `    '${path} ${option}') words='${choices.join(' ')}' ;;`),
  );
  return `_doorwarden() {
  local current=\${COMP_WORDS[COMP_CWORD]} previous=\${COMP_WORDS[COMP_CWORD-1]} path= next word words
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    [ "$word" = -- ] && break
    next="\${path:+$path }$word"
    case $next in
    ${paths}) path=$next ;;
    esac
  done
  case $path in
${cases.join('\n')}
  esac
  case "$path $previous" in
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

function fishScript(places: readonly Place[]): string {
  const cases = places.map(({ path, words }) => `    case '${path}'\n      string join \\n ${words.join(' ')}`);
  const paths = places.map(({ path }) => `'${path}'`).join(' ');
  const values = places.flatMap(({ path, values: known }) =>
    known.map(({ option, choices }) => {
      const given =
        choices.length === 0 ? '__fish_complete_path (commandline -ct)' : `string join \\n ${choices.join(' ')}`;
      return `    case '${path} ${option}'\n      ${given}\n      return`;
    }),
  );
  return `function __doorwarden_words
  set -l path ''
  set -l previous ''
  for word in (commandline -opc)[2..]
    set -l next (string trim "$path $word")
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
complete -c doorwarden -n '__fish_seen_subcommand_from verify replay' -F
`;
}
